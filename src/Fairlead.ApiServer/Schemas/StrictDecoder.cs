using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Schemas;

/// <summary>
/// Holds a body against its kind's fields: a value of the wrong type is a bad request; unknown and duplicate fields are
/// refused, warned about or passed over as <c>fieldValidation</c> says, and unknown ones are dropped, as the real server does.
/// </summary>
internal static class StrictDecoder
{
    /// <summary>Faults named in one answer; a garbled body has thousands.</summary>
    private const int FaultLimit = 50;

    /// <param name="isPartial">The body is an apply configuration: what it does not say may be there already.</param>
    public static void Check(ResourceRequest request, JsonObject body, IReadOnlyList<string> duplicates, bool isPartial = false)
    {
        var faults = new List<string>();
        foreach (var path in duplicates.Take(FaultLimit))
            faults.Add($"duplicate field \"{path}\"");
        var schema = BuiltinSchemas.Find(request.Kind.Group, request.Version, request.Kind.Kind);
        IReadOnlyList<FieldCause> causes = [];
        if (schema is not null)
            CheckObject(request, body, schema, "", faults);
        else
            causes = [.. CustomSchema.Check(request, body, faults).Where(cause => !isPartial || cause.Reason != "FieldValueRequired")];
        if (faults.Count > 0 && request.FieldValidation == FieldValidation.Warn)
            request.Warnings.AddRange(faults.Take(FaultLimit));
        if (faults.Count == 0 || request.FieldValidation != FieldValidation.Strict)
        {
            if (causes.Count > 0)
                throw Refusal.Invalid(request.Kind, request.Name.Length > 0 ? request.Name : new KubeObject(body).Name, causes);
            return;
        }
        throw Refusal.BadRequest($"{request.Kind.Kind} in version \"{request.Version}\" cannot be handled as a {request.Kind.Kind}: "
            + $"strict decoding error: {string.Join(", ", faults)}");
    }

    internal static void CheckObject(ResourceRequest request, JsonObject node, MessageSchema schema, string path, List<string> faults)
    {
        foreach (var (name, value) in node.ToArray())
        {
            if (path.Length == 0 && name is "apiVersion" or "kind" && schema.Find(name) is null)
                continue;
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            if (schema.Find(name) is not { } field)
            {
                if (faults.Count < FaultLimit)
                    faults.Add($"unknown field \"{inner}\"");
                node.Remove(name);
                continue;
            }
            if (value is not null)
                CheckField(request, value, field, inner, faults);
        }
    }

    private static void CheckField(ResourceRequest request, JsonNode value, FieldSchema field, string path, List<string> faults)
    {
        switch (field.Cardinality)
        {
            case Cardinality.List when value is JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    if (items[i] is { } item)
                        CheckValue(request, item, field, $"{path}[{i}]", faults);
                }
                break;
            case Cardinality.Map when value is JsonObject entries:
                foreach (var (key, entry) in entries)
                {
                    if (entry is not null)
                        CheckValue(request, entry, field, $"{path}.{key}", faults);
                }
                break;
            case Cardinality.One:
                CheckValue(request, value, field, path, faults);
                break;
            default:
                throw WrongType(request, value, path, field.Cardinality == Cardinality.List ? "[]" + GoType(field) : "map[string]" + GoType(field));
        }
    }

    private static void CheckValue(ResourceRequest request, JsonNode value, FieldSchema field, string path, List<string> faults)
    {
        var kind = value.GetValueKind();
        switch (field.Kind)
        {
            case FieldKind.Message when value is JsonObject inner:
                CheckObject(request, inner, field.Message!, path, faults);
                return;
            case FieldKind.Json:
            case FieldKind.Text or FieldKind.Time or FieldKind.MicroTime or FieldKind.Bytes when kind == JsonValueKind.String:
            case FieldKind.Bool when kind is JsonValueKind.True or JsonValueKind.False:
            case FieldKind.Double when kind == JsonValueKind.Number:
            case FieldKind.Quantity or FieldKind.IntOrString when kind is JsonValueKind.String or JsonValueKind.Number:
                return;
            case FieldKind.Int32 or FieldKind.Int64 when kind == JsonValueKind.Number:
                if (long.TryParse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture, out var number)
                    && (field.Kind == FieldKind.Int64 || number is >= int.MinValue and <= int.MaxValue))
                    return;
                throw WrongType(request, value, path, GoType(field), "number " + value.ToJsonString());
            default:
                throw WrongType(request, value, path, GoType(field));
        }
    }

    private static Refusal WrongType(ResourceRequest request, JsonNode value, string path, string type, string? shown = null)
    {
        var found = shown ?? value.GetValueKind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.Number => "number",
            JsonValueKind.True or JsonValueKind.False => "bool",
            _ => "string",
        };
        return Refusal.BadRequest($"{request.Kind.Kind} in version \"{request.Version}\" cannot be handled as a {request.Kind.Kind}: "
            + $"json: cannot unmarshal {found} into Go struct field {request.Kind.Kind}.{path} of type {type}");
    }

    private static string GoType(FieldSchema field) => field.Kind switch
    {
        FieldKind.Text or FieldKind.IntOrString or FieldKind.Quantity => "string",
        FieldKind.Int32 => "int32",
        FieldKind.Int64 => "int64",
        FieldKind.Bool => "bool",
        FieldKind.Double => "float64",
        FieldKind.Bytes => "[]uint8",
        FieldKind.Time or FieldKind.MicroTime => "v1.Time",
        FieldKind.Message => "v1." + field.MessageName[(field.MessageName.LastIndexOf('.') + 1)..],
        _ => "object",
    };
}
