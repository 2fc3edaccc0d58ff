using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Xds.Json;

/// <summary>
/// Wire bytes to proto JSON over <see cref="ProtoSchema"/>: snake_case names, defaults left out, an Any opened when its type is
/// declared (else its bytes in base64). This is how Envoy's config_dump prints.
/// </summary>
public static class ProtoToJson
{
    public static void Write(Utf8JsonWriter writer, string messageName, ReadOnlySpan<byte> bytes) => WriteMessage(writer, Declared(messageName), bytes);

    /// <summary>The fields of a message, in an object that the caller writes.</summary>
    public static void WriteFields(Utf8JsonWriter writer, string messageName, ReadOnlySpan<byte> bytes) => WriteFields(writer, Declared(messageName), bytes);

    /// <summary>An Any: {"@type": ..., fields}.</summary>
    public static void WriteAny(Utf8JsonWriter writer, string typeUrl, ReadOnlySpan<byte> bytes)
    {
        var name = Names.TypeUrl.MessageName(typeUrl);
        writer.WriteStartObject();
        writer.WriteString("@type", typeUrl);
        if (ProtoSchema.Default.Message(name) is not { } message)
        {
            writer.WriteBase64String("value", bytes);
        }
        else if (WellKnownJson.IsWellKnown(name))
        {
            writer.WritePropertyName("value");
            WriteMessage(writer, message, bytes);
        }
        else
        {
            WriteFields(writer, message, bytes);
        }
        writer.WriteEndObject();
    }

    private static MessageSchema Declared(string messageName) => ProtoSchema.Default.Message(messageName)
        ?? throw new ArgumentException($"'{messageName}' is not a message of this schema", nameof(messageName));

    private static void WriteMessage(Utf8JsonWriter writer, MessageSchema message, ReadOnlySpan<byte> bytes)
    {
        switch (message.FullName)
        {
            case "google.protobuf.Any":
                var any = Any.Parser.ParseFrom(bytes);
                WriteAny(writer, any.TypeUrl, any.Value.Span);
                return;
            case "google.protobuf.Duration":
                writer.WriteStringValue(DurationText(Duration.Parser.ParseFrom(bytes)));
                return;
            case "google.protobuf.Timestamp":
                var time = Timestamp.Parser.ParseFrom(bytes).ToDateTimeOffset();
                writer.WriteStringValue(time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                return;
            case "google.protobuf.Struct":
                WriteStruct(writer, Struct.Parser.ParseFrom(bytes));
                return;
            case "google.protobuf.Value":
                WriteValue(writer, Value.Parser.ParseFrom(bytes));
                return;
            case "google.protobuf.ListValue":
                WriteList(writer, ListValue.Parser.ParseFrom(bytes));
                return;
        }
        if (WellKnownJson.IsWellKnown(message.FullName))
        {
            WriteWrapper(writer, message, bytes);
            return;
        }
        writer.WriteStartObject();
        WriteFields(writer, message, bytes);
        writer.WriteEndObject();
    }

    private static string DurationText(Duration duration)
    {
        var seconds = duration.Seconds + (duration.Nanos / 1_000_000_000m);
        return seconds.ToString("0.#########", CultureInfo.InvariantCulture) + "s";
    }

    private static void WriteWrapper(Utf8JsonWriter writer, MessageSchema message, ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var field = message.Field(1)!;
        if (reader.Read()) WriteScalar(writer, field, reader.Number, reader.Content);
        else WriteScalar(writer, field, 0, default);
    }

    private static void WriteFields(Utf8JsonWriter writer, MessageSchema message, ReadOnlySpan<byte> bytes)
    {
        foreach (var field in message.Fields)
        {
            if (!field.IsRepeated) WriteSingular(writer, field, bytes);
            else if (field.IsMessage && ProtoSchema.Default.Message(field.TypeName) is { IsMapEntry: true } entry) WriteMap(writer, field, entry, bytes);
            else WriteRepeated(writer, field, bytes);
        }
    }

    private static void WriteSingular(Utf8JsonWriter writer, FieldSchema field, ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var found = false;
        var number = 0ul;
        ReadOnlySpan<byte> content = default;
        while (reader.Read())
        {
            if (reader.Field != field.Number) continue;
            found = true; // the last one wins
            number = reader.Number;
            content = reader.Content;
        }
        if (!found) return;
        writer.WritePropertyName(field.Name);
        WriteOne(writer, field, number, content);
    }

    private static void WriteRepeated(Utf8JsonWriter writer, FieldSchema field, ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var isOpen = false;
        while (reader.Read())
        {
            if (reader.Field != field.Number) continue;
            if (!isOpen) writer.WriteStartArray(field.Name);
            isOpen = true;
            var isPacked = reader.WireType == WireReader.Length
                && field.Type is not (FieldSchema.String or FieldSchema.Bytes or FieldSchema.Message);
            if (!isPacked)
            {
                WriteOne(writer, field, reader.Number, reader.Content);
                continue;
            }
            WritePacked(writer, field, reader.Content);
        }
        if (isOpen) writer.WriteEndArray();
    }

    private static void WritePacked(Utf8JsonWriter writer, FieldSchema field, ReadOnlySpan<byte> content)
    {
        var width = field.Type switch
        {
            FieldSchema.Double or FieldSchema.Fixed64 => 8,
            FieldSchema.Float or FieldSchema.Fixed32 => 4,
            _ => 0,
        };
        while (content.Length > 0)
        {
            if (width == 0)
            {
                if (!WireReader.TryReadVarint(ref content, out var number)) throw new FormatException("a varint does not end");
                WriteScalar(writer, field, number, default);
                continue;
            }
            if (content.Length < width) throw new FormatException("a packed list is cut off");
            var bits = width == 8
                ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(content)
                : System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(content);
            WriteScalar(writer, field, bits, default);
            content = content[width..];
        }
    }

    private static void WriteMap(Utf8JsonWriter writer, FieldSchema field, MessageSchema entry, ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var isOpen = false;
        while (reader.Read())
        {
            if (reader.Field != field.Number) continue;
            if (!isOpen) writer.WriteStartObject(field.Name);
            isOpen = true;
            WriteMapEntry(writer, entry, reader.Content);
        }
        if (isOpen) writer.WriteEndObject();
    }

    private static void WriteMapEntry(Utf8JsonWriter writer, MessageSchema entry, ReadOnlySpan<byte> bytes)
    {
        var key = string.Empty;
        var number = 0ul;
        ReadOnlySpan<byte> content = default;
        var reader = new WireReader(bytes);
        while (reader.Read())
        {
            if (reader.Field == 1) key = entry.Field(1)!.Type == FieldSchema.String ? Encoding.UTF8.GetString(reader.Content) : reader.Number.ToString();
            if (reader.Field != 2) continue;
            number = reader.Number;
            content = reader.Content;
        }
        writer.WritePropertyName(key);
        WriteOne(writer, entry.Field(2)!, number, content);
    }

    private static void WriteOne(Utf8JsonWriter writer, FieldSchema field, ulong number, ReadOnlySpan<byte> content)
    {
        if (field.IsMessage) WriteMessage(writer, ProtoSchema.Default.Message(field.TypeName)!, content);
        else WriteScalar(writer, field, number, content);
    }

    private static void WriteScalar(Utf8JsonWriter writer, FieldSchema field, ulong number, ReadOnlySpan<byte> content)
    {
        switch (field.Type)
        {
            case FieldSchema.String: writer.WriteStringValue(content); break;
            case FieldSchema.Bytes: writer.WriteBase64StringValue(content); break;
            case FieldSchema.Bool: writer.WriteBooleanValue(number != 0); break;
            case FieldSchema.Double: writer.WriteRawValue(RealText(BitConverter.UInt64BitsToDouble(number))); break;
            case FieldSchema.Float: writer.WriteRawValue(RealText(BitConverter.UInt32BitsToSingle((uint)number))); break;
            case FieldSchema.Int32: writer.WriteNumberValue((int)number); break;
            case FieldSchema.UInt32 or FieldSchema.Fixed32: writer.WriteNumberValue((uint)number); break;
            case FieldSchema.Enum:
                if (ProtoSchema.Default.Enum(field.TypeName)!.Name((int)number) is { } name) writer.WriteStringValue(name);
                else writer.WriteNumberValue((int)number);
                break;
            case FieldSchema.Int64: writer.WriteStringValue(((long)number).ToString(CultureInfo.InvariantCulture)); break;
            default: writer.WriteStringValue(number.ToString(CultureInfo.InvariantCulture)); break;
        }
    }

    private static string RealText(double value)
    {
        if (double.IsNaN(value)) return "\"NaN\"";
        if (double.IsInfinity(value)) return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
        Span<byte> text = stackalloc byte[32];
        Utf8Formatter.TryFormat(value, text, out var length);
        return Encoding.ASCII.GetString(text[..length]);
    }

    private static void WriteStruct(Utf8JsonWriter writer, Struct value)
    {
        writer.WriteStartObject();
        foreach (var (key, item) in value.Fields.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(key);
            WriteValue(writer, item);
        }
        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, ListValue list)
    {
        writer.WriteStartArray();
        foreach (var item in list.Values) WriteValue(writer, item);
        writer.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter writer, Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StructValue: WriteStruct(writer, value.StructValue); break;
            case Value.KindOneofCase.ListValue: WriteList(writer, value.ListValue); break;
            case Value.KindOneofCase.StringValue: writer.WriteStringValue(value.StringValue); break;
            case Value.KindOneofCase.NumberValue: writer.WriteRawValue(RealText(value.NumberValue)); break;
            case Value.KindOneofCase.BoolValue: writer.WriteBooleanValue(value.BoolValue); break;
            default: writer.WriteNullValue(); break;
        }
    }
}
