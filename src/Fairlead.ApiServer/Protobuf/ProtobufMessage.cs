using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Schemas;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;
using Google.Protobuf;

namespace Fairlead.ApiServer.Protobuf;

/// <summary>Turns a protobuf message into the JSON form of the same object, by the field inventory.</summary>
internal static class ProtobufMessage
{
    /// <summary>Fields that are pointers in Go: false and zero are written only when someone set them, so they count.</summary>
    private static readonly HashSet<string> KeepsZero =
    [
        "automountServiceAccountToken", "enableServiceLinks", "replicas", "terminationGracePeriodSeconds", "runAsUser", "runAsGroup",
        "runAsNonRoot", "readOnlyRootFilesystem", "allowPrivilegeEscalation", "privileged", "gracePeriodSeconds", "revisionHistoryLimit",
        "progressDeadlineSeconds", "optional", "defaultMode", "mode", "immutable", "controller", "blockOwnerDeletion", "orphanDependents",
        "expirationSeconds", "activeDeadlineSeconds", "timeoutSeconds", "shareProcessNamespace", "allocateLoadBalancerNodePorts", "fsGroup",
        "allowed", "denied", "authenticated", "maxUnavailable", "maxSurge",
    ];

    public static JsonObject Decode(CodedInputStream input, MessageSchema schema) => Decode(input, schema, new JsonObject(), 0);

    private static JsonObject Decode(CodedInputStream input, MessageSchema schema, JsonObject target, int depth)
    {
        if (depth > JsonText.MaxDepth)
            throw Refusal.BadRequest($"the protobuf body nests deeper than {JsonText.MaxDepth} levels");
        while (input.ReadTag() is var tag and not 0)
        {
            if (schema.Find(WireFormat.GetTagFieldNumber(tag)) is not { } field)
                input.SkipLastField();
            else if (field.Inline)
                Decode(input.ReadBytes().CreateCodedInput(), field.Message!, target, depth + 1);
            else
                Field(input, tag, field, target, depth);
        }
        return target;
    }

    private static void Field(CodedInputStream input, uint tag, FieldSchema field, JsonObject target, int depth)
    {
        switch (field.Cardinality)
        {
            case Cardinality.Map:
                var (key, entry) = Entry(input.ReadBytes().CreateCodedInput(), field, depth);
                target.Ensure(field.Name)[key] = entry;
                break;
            case Cardinality.List:
                if (target[field.Name] is not JsonArray list)
                    target[field.Name] = list = [];
                list.Add(Value(input, tag, field, depth));
                break;
            default:
                // Go's generated code writes empty scalars too; JSON leaves them out, as omitempty does.
                var value = Value(input, tag, field, depth);
                if (!IsEmpty(value, field))
                    target[field.Name] = value;
                break;
        }
    }

    private static bool IsEmpty(JsonNode? value, FieldSchema field) => value switch
    {
        null => true,
        JsonValue scalar when field.Kind is FieldKind.Text or FieldKind.Bytes or FieldKind.Quantity => scalar.ToString().Length == 0,
        JsonValue scalar when field.Kind is FieldKind.Bool => scalar.GetValueKind() == JsonValueKind.False && !KeepsZero.Contains(field.Name),
        JsonValue scalar when field.Kind is FieldKind.Int32 or FieldKind.Int64 or FieldKind.IntOrString => scalar.AsNumber() == 0 && !KeepsZero.Contains(field.Name),
        _ => false,
    };

    private static (string Key, JsonNode? Value) Entry(CodedInputStream input, FieldSchema field, int depth)
    {
        var key = "";
        JsonNode? value = field.Kind is FieldKind.Text or FieldKind.Bytes ? "" : null;
        while (input.ReadTag() is var tag and not 0)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    key = input.ReadString();
                    break;
                case 2:
                    value = Value(input, tag, field, depth);
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        return (key, value);
    }

    private static JsonNode? Value(CodedInputStream input, uint tag, FieldSchema field, int depth)
    {
        switch (field.Kind)
        {
            case FieldKind.Text:
                return input.ReadString();
            case FieldKind.Int32 or FieldKind.Int64:
                return input.ReadInt64();
            case FieldKind.Bool:
                return input.ReadBool();
            case FieldKind.Double:
                return WireFormat.GetTagWireType(tag) == WireFormat.WireType.Fixed32 ? input.ReadFloat() : input.ReadDouble();
            case FieldKind.Bytes:
                return Convert.ToBase64String(input.ReadBytes().Span);
            case FieldKind.Time or FieldKind.MicroTime:
                return Time(input.ReadBytes().CreateCodedInput(), field.Kind);
            case FieldKind.Quantity:
                return First(input.ReadBytes().CreateCodedInput())?.ToStringUtf8() ?? "";
            case FieldKind.IntOrString:
                return IntOrString(input.ReadBytes().CreateCodedInput());
            case FieldKind.Json:
                var raw = First(input.ReadBytes().CreateCodedInput());
                return raw is null ? new JsonObject() : ParseRaw(raw);
            default:
                return Decode(input.ReadBytes().CreateCodedInput(), field.Message!, [], depth + 1);
        }
    }

    private static JsonNode? ParseRaw(ByteString raw)
    {
        try
        {
            return JsonNode.Parse(raw.Span);
        }
        catch (JsonException fault)
        {
            throw Refusal.BadRequest($"a raw field of the protobuf body is not JSON: {fault.Message}");
        }
    }

    private static ByteString? First(CodedInputStream input)
    {
        ByteString? found = null;
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 1)
                found = input.ReadBytes();
            else
                input.SkipLastField();
        }
        return found;
    }

    private static JsonNode? Time(CodedInputStream input, FieldKind kind)
    {
        long seconds = 0, nanos = 0;
        var any = false;
        while (input.ReadTag() is var tag and not 0)
        {
            any = true;
            if (WireFormat.GetTagFieldNumber(tag) == 1)
                seconds = input.ReadInt64();
            else if (WireFormat.GetTagFieldNumber(tag) == 2)
                nanos = input.ReadInt64();
            else
                input.SkipLastField();
        }
        // Go's zero time is written as an empty message or as the year 1: both mean "not set".
        if (!any || seconds <= -62135596800)
            return null;
        var moment = DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, 253402300799)).AddTicks(nanos / 100);
        return kind == FieldKind.Time
            ? JsonPath.Timestamp(moment)
            : moment.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
    }

    private static JsonNode IntOrString(CodedInputStream input)
    {
        long type = 0, number = 0;
        var text = "";
        while (input.ReadTag() is var tag and not 0)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    type = input.ReadInt64();
                    break;
                case 2:
                    number = input.ReadInt64();
                    break;
                case 3:
                    text = input.ReadString();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        return type == 0 ? JsonValue.Create(number) : JsonValue.Create(text);
    }
}
