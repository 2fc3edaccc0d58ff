using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Xds.Json;

/// <summary>The well-known types that have a JSON form of their own: durations, timestamps, wrappers, Struct and Value.</summary>
internal static class WellKnownJson
{
    private const string Package = "google.protobuf.";

    public static bool IsWellKnown(string fullName) => fullName is
        Package + "Duration" or Package + "Timestamp" or Package + "Struct" or Package + "Value" or Package + "ListValue"
        || IsWrapper(fullName);

    /// <summary>Writes the content of a well-known message. False = the message is an ordinary one.</summary>
    public static bool TryWrite(JsonToProto reader, string fullName, ConfigNode node, string path, CodedOutputStream output)
    {
        switch (fullName)
        {
            case Package + "Duration":
                WriteDuration(reader, node, path, output);
                return true;
            case Package + "Timestamp":
                WriteTimestamp(reader, node, path, output);
                return true;
            case Package + "Struct":
                if (node is ConfigNode.Map map) WriteStruct(map, output);
                else reader.Report(path, node, $"expected an object, found {node.Describe()}");
                return true;
            case Package + "Value":
                WriteValue(node, output);
                return true;
            case Package + "ListValue":
                if (node is ConfigNode.List list) WriteList(list, output);
                else reader.Report(path, node, $"expected a list, found {node.Describe()}");
                return true;
            default:
                if (!IsWrapper(fullName)) return false;
                WriteWrapper(reader, fullName, node, path, output);
                return true;
        }
    }

    /// <summary>A Struct as a document, so that a TypedStruct's value can be read as the message it stands for.</summary>
    public static ConfigNode.Map FromStruct(Struct value)
    {
        var map = new ConfigNode.Map();
        foreach (var (key, item) in value.Fields) map.Entries.Add(new(key, FromValue(item)));
        return map;
    }

    private static ConfigNode FromValue(Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StructValue:
                return FromStruct(value.StructValue);
            case Value.KindOneofCase.ListValue:
                var list = new ConfigNode.List();
                foreach (var item in value.ListValue.Values) list.Items.Add(FromValue(item));
                return list;
            case Value.KindOneofCase.StringValue:
                return new ConfigNode.Scalar(value.StringValue, ConfigNode.ScalarKind.String);
            case Value.KindOneofCase.NumberValue:
                return new ConfigNode.Scalar(value.NumberValue.ToString("R", CultureInfo.InvariantCulture), ConfigNode.ScalarKind.Number);
            case Value.KindOneofCase.BoolValue:
                return new ConfigNode.Scalar(value.BoolValue ? "true" : "false", ConfigNode.ScalarKind.Boolean);
            default:
                return new ConfigNode.Scalar("null", ConfigNode.ScalarKind.Null);
        }
    }

    private static bool IsWrapper(string fullName) => fullName is
        Package + "BoolValue" or Package + "UInt32Value" or Package + "UInt64Value" or Package + "Int32Value"
        or Package + "Int64Value" or Package + "DoubleValue" or Package + "FloatValue" or Package + "StringValue" or Package + "BytesValue";

    private static void WriteWrapper(JsonToProto reader, string fullName, ConfigNode node, string path, CodedOutputStream output)
    {
        var type = fullName[Package.Length..] switch
        {
            "BoolValue" => FieldSchema.Bool,
            "UInt32Value" => FieldSchema.UInt32,
            "UInt64Value" => FieldSchema.UInt64,
            "Int32Value" => FieldSchema.Int32,
            "Int64Value" => FieldSchema.Int64,
            "DoubleValue" => FieldSchema.Double,
            "FloatValue" => FieldSchema.Float,
            "StringValue" => FieldSchema.String,
            _ => FieldSchema.Bytes,
        };
        var field = new FieldSchema("value", "value", 1, type, string.Empty, false, false);
        if (node is ConfigNode.Scalar scalar && reader.TryWriteScalar(field, scalar, output)) return;
        reader.Report(path, node, $"expected the value of a {fullName[Package.Length..]}, found {node.Describe()}");
    }

    private static void WriteDuration(JsonToProto reader, ConfigNode node, string path, CodedOutputStream output)
    {
        if (node is ConfigNode.Scalar { Kind: ConfigNode.ScalarKind.String } scalar && scalar.Text.EndsWith('s')
            && decimal.TryParse(scalar.Text[..^1], NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && Math.Abs(seconds) <= 315_576_000_000m)
        {
            var whole = decimal.Truncate(seconds);
            output.WriteTag(Duration.SecondsFieldNumber, WireFormat.WireType.Varint);
            output.WriteInt64((long)whole);
            output.WriteTag(Duration.NanosFieldNumber, WireFormat.WireType.Varint);
            output.WriteInt32((int)((seconds - whole) * 1_000_000_000m));
            return;
        }
        reader.Report(path, node, $"expected a duration such as '1.5s', found {node.Describe()}");
    }

    private static void WriteTimestamp(JsonToProto reader, ConfigNode node, string path, CodedOutputStream output)
    {
        if (node is ConfigNode.Scalar { Kind: ConfigNode.ScalarKind.String } scalar
            && DateTimeOffset.TryParse(scalar.Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            Timestamp.FromDateTimeOffset(time).WriteTo(output);
            return;
        }
        reader.Report(path, node, $"expected a time such as '2024-06-26T03:30:14Z', found {node.Describe()}");
    }

    // The three by hand: as messages of the library they would be built, measured and written, and bring its maps into every start.
    private static void WriteStruct(ConfigNode.Map map, CodedOutputStream output)
    {
        foreach (var (key, item) in map.Entries)
        {
            WriteNested(Struct.FieldsFieldNumber, output, entry =>
            {
                entry.WriteTag(1, WireFormat.WireType.LengthDelimited);
                entry.WriteString(key);
                WriteNested(2, entry, value => WriteValue(item, value));
            });
        }
    }

    private static void WriteList(ConfigNode.List list, CodedOutputStream output)
    {
        foreach (var item in list.Items) WriteNested(ListValue.ValuesFieldNumber, output, value => WriteValue(item, value));
    }

    private static void WriteValue(ConfigNode node, CodedOutputStream output)
    {
        switch (node)
        {
            case ConfigNode.Map map:
                WriteNested(Value.StructValueFieldNumber, output, inner => WriteStruct(map, inner));
                break;
            case ConfigNode.List list:
                WriteNested(Value.ListValueFieldNumber, output, inner => WriteList(list, inner));
                break;
            case ConfigNode.Scalar { Kind: ConfigNode.ScalarKind.String } scalar:
                output.WriteTag(Value.StringValueFieldNumber, WireFormat.WireType.LengthDelimited);
                output.WriteString(scalar.Text);
                break;
            case ConfigNode.Scalar { Kind: ConfigNode.ScalarKind.Boolean } scalar:
                output.WriteTag(Value.BoolValueFieldNumber, WireFormat.WireType.Varint);
                output.WriteBool(scalar.Text == "true");
                break;
            case ConfigNode.Scalar { Kind: ConfigNode.ScalarKind.Number } scalar when double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number):
                output.WriteTag(Value.NumberValueFieldNumber, WireFormat.WireType.Fixed64);
                output.WriteDouble(number);
                break;
            default:
                output.WriteTag(Value.NullValueFieldNumber, WireFormat.WireType.Varint);
                output.WriteEnum(0);
                break;
        }
    }

    private static void WriteNested(int field, CodedOutputStream output, Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var inner = new CodedOutputStream(stream, leaveOpen: true)) write(inner);
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(stream.ToArray()));
    }
}
