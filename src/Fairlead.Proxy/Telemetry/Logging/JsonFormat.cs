using System.Text;
using System.Text.Unicode;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>
/// A JSON format: keys sorted, numbers bare, unset values null (or left out), a line end after the object (Envoy's
/// JsonFormatter). A value made of one numeric operator prints as a number, any other as a string.
/// </summary>
internal sealed class JsonFormat(JsonFormat.Node root) : LogFormat
{
    /// <summary>One value of the document.</summary>
    internal abstract record Node
    {
        /// <param name="Entries">Sorted by key; each key already written as a JSON string with its colon.</param>
        /// <param name="OmitEmpty">Leave unset values out.</param>
        internal sealed record Map(IReadOnlyList<(byte[] Key, Node Value)> Entries, bool OmitEmpty) : Node;

        internal sealed record List(IReadOnlyList<Node> Items) : Node;

        /// <param name="Json">A constant, as JSON.</param>
        internal sealed record Constant(byte[] Json) : Node;

        internal sealed record Value(FormatOperator[] Operators) : Node;
    }

    public override bool TryFormat(StreamInfo info, Span<byte> destination, out int written)
    {
        var writer = new Utf8Writer(destination);
        Write(ref writer, root, info);
        writer.Write((byte)'\n');
        written = writer.Written;
        return !writer.Overflowed;
    }

    /// <summary>False = unset, nothing was written.</summary>
    private static bool Write(ref Utf8Writer writer, Node node, StreamInfo info)
    {
        switch (node)
        {
            case Node.Map map:
                WriteMap(ref writer, map, info);
                return true;
            case Node.List list:
                writer.Write((byte)'[');
                for (var i = 0; i < list.Items.Count; i++)
                {
                    if (i > 0) writer.Write((byte)',');
                    if (!Write(ref writer, list.Items[i], info)) writer.Write("null"u8);
                }
                writer.Write((byte)']');
                return true;
            case Node.Constant constant:
                writer.Write(constant.Json);
                return true;
            default:
                return WriteValue(ref writer, ((Node.Value)node).Operators, info);
        }
    }

    private static void WriteMap(ref Utf8Writer writer, Node.Map map, StreamInfo info)
    {
        writer.Write((byte)'{');
        var isFirst = true;
        foreach (var (key, value) in map.Entries)
        {
            var start = writer.Written;
            if (!isFirst) writer.Write((byte)',');
            writer.Write(key);
            if (!Write(ref writer, value, info))
            {
                if (map.OmitEmpty)
                {
                    writer.Rewind(start);
                    continue;
                }
                writer.Write("null"u8);
            }
            isFirst = false;
        }
        writer.Write((byte)'}');
    }

    private static bool WriteValue(ref Utf8Writer writer, FormatOperator[] operators, StreamInfo info)
    {
        if (operators is [{ Literal: null } single])
        {
            if (single.IsNumber) return single.TryWrite(ref writer, info);
            var start = writer.Written;
            writer.Write((byte)'"');
            var content = writer.Written;
            if (!single.TryWrite(ref writer, info))
            {
                writer.Rewind(start);
                return false;
            }
            Escape(ref writer, content);
            writer.Write((byte)'"');
            return true;
        }
        writer.Write((byte)'"');
        var begin = writer.Written;
        foreach (var part in operators)
        {
            if (part.Literal is not null) writer.Write(part.Literal);
            else if (!part.TryWrite(ref writer, info)) writer.Write((byte)'-');
        }
        Escape(ref writer, begin);
        writer.Write((byte)'"');
        return true;
    }

    /// <summary>
    /// Rewrites what stands after <paramref name="start"/> as the inside of a JSON string (RFC 8259, section 7). A byte that is no UTF-8
    /// becomes an exclamation mark, as Envoy's do: the line has to stay JSON, whatever a client sent.
    /// </summary>
    private static void Escape(ref Utf8Writer writer, int start)
    {
        if (writer.Overflowed) return;
        var text = writer.Since(start);
        if (text.IndexOfAny((byte)'"', (byte)'\\') < 0 && text.IndexOfAnyInRange((byte)0, (byte)31) < 0 && Utf8.IsValid(text)) return;
        var rented = System.Buffers.ArrayPool<byte>.Shared.Rent(text.Length);
        text.CopyTo(rented);
        ReadOnlySpan<byte> rest = rented.AsSpan(0, text.Length);
        writer.Rewind(start);
        while (!rest.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(rest, out _, out var length) == System.Buffers.OperationStatus.Done;
            if (!isValid) writer.Write((byte)'!');
            else if (length > 1) writer.Write(rest[..length]);
            else EscapeAscii(ref writer, rest[0]);
            rest = rest[(isValid ? length : 1)..];
        }
        System.Buffers.ArrayPool<byte>.Shared.Return(rented);
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
