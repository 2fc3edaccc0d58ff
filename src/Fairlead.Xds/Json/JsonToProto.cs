using System.Globalization;
using Google.Protobuf;

namespace Fairlead.Xds.Json;

/// <summary>
/// Proto JSON mapping (protobuf.dev, "ProtoJSON Format") from a document to wire bytes, over <see cref="ProtoSchema"/>. Both
/// spellings of a field are read; an Any is packed from its @type. All faults are collected; none stops the reading.
/// </summary>
public sealed class JsonToProto(ProtoSchema schema)
{
    private readonly List<JsonFinding> _findings = [];

    public IReadOnlyList<JsonFinding> Findings => _findings;

    public bool HasErrors => _findings.Any(finding => !finding.IsUnknownField);

    /// <summary>The wire form of a message; meaningful only while <see cref="HasErrors"/> is false.</summary>
    public byte[] Convert(string messageName, ConfigNode node, string path = "")
    {
        var message = schema.Message(messageName);
        if (message is not null) return Write(message, node, path);
        Error(path, node, $"'{messageName}' is not a message of this schema");
        return [];
    }

    /// <summary>Converts and parses; null when there were errors.</summary>
    public T? Convert<T>(string messageName, MessageParser<T> parser, ConfigNode node, string path = "")
        where T : class, IMessage<T>
    {
        var bytes = Convert(messageName, node, path);
        return HasErrors ? null : parser.ParseFrom(bytes);
    }

    private static string Join(string path, string field) => path.Length == 0 ? field : $"{path}.{field}";

    private void Error(string path, ConfigNode node, string message) => _findings.Add(new JsonFinding(path, node.Line, message, null));

    private byte[] Write(MessageSchema message, ConfigNode node, string path)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            if (!WellKnownJson.TryWrite(this, message.FullName, node, path, output)) WriteFields(message, node, path, output);
        }
        return stream.ToArray();
    }

    private void WriteFields(MessageSchema message, ConfigNode node, string path, CodedOutputStream output)
    {
        if (message.FullName == "google.protobuf.Any")
        {
            WriteAny(node, path, output);
            return;
        }
        if (node is not ConfigNode.Map map)
        {
            Error(path, node, $"expected an object ({message.FullName}), found {node.Describe()}");
            return;
        }
        foreach (var (key, value) in map.Entries)
        {
            if (key == "@type") continue;
            if (message.Field(key) is { } field) WriteField(field, value, Join(path, key), output);
            else _findings.Add(new JsonFinding(Join(path, key), value.Line, $"{message.FullName} has no field '{key}' that this proxy knows", $"{message.FullName}.{key}"));
        }
    }

    private void WriteAny(ConfigNode node, string path, CodedOutputStream output)
    {
        if (node is not ConfigNode.Map map || map["@type"] is not ConfigNode.Scalar { Kind: ConfigNode.ScalarKind.String } type)
        {
            Error(path, node, "expected an object with '@type'");
            return;
        }
        var name = Names.TypeUrl.MessageName(type.Text);
        var message = schema.Message(name);
        if (message is null)
        {
            Error(path, type, $"'@type' names '{name}', which this proxy does not know");
            return;
        }
        var inner = WellKnownJson.IsWellKnown(name) ? map["value"] ?? node : node;
        output.WriteTag(1, WireFormat.WireType.LengthDelimited);
        output.WriteString(type.Text);
        output.WriteTag(2, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Write(message, inner, path)));
    }

    private void WriteField(FieldSchema field, ConfigNode value, string path, CodedOutputStream output)
    {
        if (value is ConfigNode.Scalar { Kind: ConfigNode.ScalarKind.Null } && field.TypeName != "google.protobuf.Value") return;
        if (!field.IsRepeated)
        {
            WriteValue(field, value, path, output);
            return;
        }
        if (field.IsMessage && schema.Message(field.TypeName) is { IsMapEntry: true } entry)
        {
            WriteMap(field, entry, value, path, output);
            return;
        }
        if (value is not ConfigNode.List list)
        {
            Error(path, value, $"expected a list, found {value.Describe()}");
            return;
        }
        for (var i = 0; i < list.Items.Count; i++) WriteValue(field, list.Items[i], $"{path}[{i}]", output);
    }

    private void WriteMap(FieldSchema field, MessageSchema entry, ConfigNode value, string path, CodedOutputStream output)
    {
        if (value is not ConfigNode.Map map)
        {
            Error(path, value, $"expected an object, found {value.Describe()}");
            return;
        }
        foreach (var (key, item) in map.Entries)
        {
            using var stream = new MemoryStream();
            using (var inner = new CodedOutputStream(stream, leaveOpen: true))
            {
                var keyNode = new ConfigNode.Scalar(key, ConfigNode.ScalarKind.String) { Line = item.Line };
                WriteValue(entry.Field(1)!, keyNode, path, inner);
                WriteValue(entry.Field(2)!, item, $"{path}[{key}]", inner);
            }
            output.WriteTag(field.Number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(stream.ToArray()));
        }
    }

    private void WriteValue(FieldSchema field, ConfigNode node, string path, CodedOutputStream output)
    {
        if (field.IsMessage)
        {
            var message = schema.Message(field.TypeName) ?? throw new InvalidOperationException($"{field.TypeName} is not in the schema");
            output.WriteTag(field.Number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(Write(message, node, path)));
            return;
        }
        if (node is not ConfigNode.Scalar scalar)
        {
            Error(path, node, $"expected {ScalarName(field)}, found {node.Describe()}");
            return;
        }
        // Defaults are written too: a member of a oneof is set even at its default.
        if (!TryWriteScalar(field, scalar, output)) Error(path, node, $"expected {ScalarName(field)}, found {node.Describe()}");
    }

    internal bool TryWriteScalar(FieldSchema field, ConfigNode.Scalar scalar, CodedOutputStream output)
    {
        switch (field.Type)
        {
            case FieldSchema.String:
                if (scalar.Kind != ConfigNode.ScalarKind.String) return false;
                output.WriteTag(field.Number, WireFormat.WireType.LengthDelimited);
                output.WriteString(scalar.Text);
                return true;
            case FieldSchema.Bytes:
                return TryWriteBytes(field, scalar, output);
            case FieldSchema.Bool:
                if (scalar.Text is not ("true" or "false")) return false;
                output.WriteTag(field.Number, WireFormat.WireType.Varint);
                output.WriteBool(scalar.Text == "true");
                return true;
            case FieldSchema.Enum:
                return TryWriteEnum(field, scalar, output);
            case FieldSchema.Double or FieldSchema.Float:
                return TryWriteReal(field, scalar, output);
            default:
                return TryWriteInteger(field, scalar, output);
        }
    }

    private static bool TryWriteBytes(FieldSchema field, ConfigNode.Scalar scalar, CodedOutputStream output)
    {
        if (scalar.Kind != ConfigNode.ScalarKind.String) return false;
        var text = scalar.Text.Replace('-', '+').Replace('_', '/');
        var buffer = new byte[text.Length];
        if (!System.Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), buffer, out var length)) return false;
        output.WriteTag(field.Number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(buffer, 0, length));
        return true;
    }

    private bool TryWriteEnum(FieldSchema field, ConfigNode.Scalar scalar, CodedOutputStream output)
    {
        var number = schema.Enum(field.TypeName)!.Number(scalar.Text);
        if (number is null)
        {
            if (!int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)) return false;
            number = parsed;
        }
        output.WriteTag(field.Number, WireFormat.WireType.Varint);
        output.WriteEnum(number.Value);
        return true;
    }

    private static bool TryWriteReal(FieldSchema field, ConfigNode.Scalar scalar, CodedOutputStream output)
    {
        double value;
        if (scalar.Text is "NaN") value = double.NaN;
        else if (scalar.Text is "Infinity") value = double.PositiveInfinity;
        else if (scalar.Text is "-Infinity") value = double.NegativeInfinity;
        else if (!double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)) return false;
        if (field.Type == FieldSchema.Float)
        {
            output.WriteTag(field.Number, WireFormat.WireType.Fixed32);
            output.WriteFloat((float)value);
            return true;
        }
        output.WriteTag(field.Number, WireFormat.WireType.Fixed64);
        output.WriteDouble(value);
        return true;
    }

    private static bool TryWriteInteger(FieldSchema field, ConfigNode.Scalar scalar, CodedOutputStream output)
    {
        // 1e3 and 5.0 are integers too, as in the mapping.
        if (!decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) return false;
        if (value != decimal.Truncate(value)) return false;
        (decimal low, decimal high) = field.Type switch
        {
            FieldSchema.UInt32 or FieldSchema.Fixed32 => (0m, (decimal)uint.MaxValue),
            FieldSchema.UInt64 or FieldSchema.Fixed64 => (0m, (decimal)ulong.MaxValue),
            FieldSchema.Int64 => ((decimal)long.MinValue, (decimal)long.MaxValue),
            _ => ((decimal)int.MinValue, (decimal)int.MaxValue),
        };
        if (value < low || value > high) return false;
        if (field.Type is FieldSchema.Fixed32)
        {
            output.WriteTag(field.Number, WireFormat.WireType.Fixed32);
            output.WriteFixed32((uint)value);
            return true;
        }
        if (field.Type is FieldSchema.Fixed64)
        {
            output.WriteTag(field.Number, WireFormat.WireType.Fixed64);
            output.WriteFixed64((ulong)value);
            return true;
        }
        output.WriteTag(field.Number, WireFormat.WireType.Varint);
        if (value < 0) output.WriteInt64((long)value);
        else output.WriteUInt64((ulong)value);
        return true;
    }

    internal void Report(string path, ConfigNode node, string message) => Error(path, node, message);

    internal byte[] ConvertNested(string messageName, ConfigNode node, string path) => Write(schema.Message(messageName)!, node, path);

    private string ScalarName(FieldSchema field) => field.Type switch
    {
        FieldSchema.String => "a text",
        FieldSchema.Bytes => "base64",
        FieldSchema.Bool => "true or false",
        FieldSchema.Enum => "one of " + string.Join(", ", schema.Enum(field.TypeName)!.Names),
        FieldSchema.Double or FieldSchema.Float => "a number",
        FieldSchema.UInt32 or FieldSchema.Fixed32 => "an integer from 0 to 4294967295",
        FieldSchema.UInt64 or FieldSchema.Fixed64 => "an integer from 0",
        _ => "an integer",
    };
}
