namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>
/// A JSON format: keys sorted, numbers bare, unset values null (or left out), a line end after the object (Envoy's
/// JsonFormatter). A value made of one numeric operator prints as a number, one of
/// metadata as what it is there, any other as a string.
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
            if (single.Source.Structure?.Invoke(info) is { KindCase: not Google.Protobuf.WellKnownTypes.Value.KindOneofCase.StringValue } structure)
            {
                JsonText.Write(ref writer, structure);
                return true;
            }
            var start = writer.Written;
            writer.Write((byte)'"');
            var content = writer.Written;
            if (!single.TryWrite(ref writer, info))
            {
                writer.Rewind(start);
                return false;
            }
            JsonText.Escape(ref writer, content);
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
        JsonText.Escape(ref writer, begin);
        writer.Write((byte)'"');
        return true;
    }
}
