using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>JSON (RFC 8259) into a line that is being formatted.</summary>
internal static class JsonText
{
    /// <summary>Writes a value; the keys of objects in their order, as Envoy does.</summary>
    public static void Write(ref Utf8Writer writer, Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StructValue:
                writer.Write((byte)'{');
                var isFirst = true;
                foreach (var (key, field) in value.StructValue.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
                {
                    if (!isFirst) writer.Write((byte)',');
                    isFirst = false;
                    WriteString(ref writer, key);
                    writer.Write((byte)':');
                    Write(ref writer, field);
                }
                writer.Write((byte)'}');
                break;
            case Value.KindOneofCase.ListValue:
                writer.Write((byte)'[');
                for (var i = 0; i < value.ListValue.Values.Count; i++)
                {
                    if (i > 0) writer.Write((byte)',');
                    Write(ref writer, value.ListValue.Values[i]);
                }
                writer.Write((byte)']');
                break;
            case Value.KindOneofCase.StringValue: WriteString(ref writer, value.StringValue); break;
            case Value.KindOneofCase.BoolValue: writer.Write(value.BoolValue ? "true"u8 : "false"u8); break;
            case Value.KindOneofCase.NumberValue: WriteNumber(ref writer, value.NumberValue); break;
            default: writer.Write("null"u8); break;
        }
    }

    /// <summary>
    /// Rewrites what stands after <paramref name="start"/> as the inside of a JSON string (RFC 8259, section 7). A byte that is no UTF-8
    /// becomes an exclamation mark, as Envoy's do: the line has to stay JSON, whatever a client sent.
    /// </summary>
    public static void Escape(ref Utf8Writer writer, int start)
    {
        if (writer.Overflowed) return;
        var text = writer.Since(start);
        if (text.IndexOfAny((byte)'"', (byte)'\\') < 0 && text.IndexOfAnyInRange((byte)0, (byte)31) < 0 && Utf8.IsValid(text)) return;
        var rented = ArrayPool<byte>.Shared.Rent(text.Length);
        text.CopyTo(rented);
        ReadOnlySpan<byte> rest = rented.AsSpan(0, text.Length);
        writer.Rewind(start);
        while (!rest.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(rest, out _, out var length) == OperationStatus.Done;
            if (!isValid) writer.Write((byte)'!');
            else if (length > 1) writer.Write(rest[..length]);
            else EscapeAscii(ref writer, rest[0]);
            rest = rest[(isValid ? length : 1)..];
        }
        ArrayPool<byte>.Shared.Return(rented);
    }

    private static void WriteString(ref Utf8Writer writer, string text)
    {
        writer.Write((byte)'"');
        var start = writer.Written;
        writer.Write(text);
        Escape(ref writer, start);
        writer.Write((byte)'"');
    }

    private static void WriteNumber(ref Utf8Writer writer, double number)
    {
        const double LargestWhole = 1L << 53; // above it a double stands for several whole numbers
        if (double.IsInteger(number) && Math.Abs(number) <= LargestWhole) writer.Write((long)number);
        else if (double.IsFinite(number)) writer.Write(number);
        else writer.Write("null"u8);
    }

    private static void EscapeAscii(ref Utf8Writer writer, byte b)
    {
        switch (b)
        {
            case (byte)'"': writer.Write("\\\""u8); break;
            case (byte)'\\': writer.Write("\\\\"u8); break;
            case (byte)'\b': writer.Write("\\b"u8); break;
            case (byte)'\f': writer.Write("\\f"u8); break;
            case (byte)'\n': writer.Write("\\n"u8); break;
            case (byte)'\r': writer.Write("\\r"u8); break;
            case (byte)'\t': writer.Write("\\t"u8); break;
            case < 0x20:
                writer.Write("\\u00"u8);
                writer.Write(Hex(b >> 4));
                writer.Write(Hex(b & 15));
                break;
            default: writer.Write(b); break;
        }
    }

    private static byte Hex(int digit) => (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
}
