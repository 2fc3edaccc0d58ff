namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>A text format: values raw, unset ones as "-" (or nothing). The codec keeps CR and LF out of values, so a line stays a line.</summary>
internal sealed class TextFormat(FormatOperator[] operators, bool omitEmpty) : LogFormat
{
    public override bool TryFormat(StreamInfo info, Span<byte> destination, out int written)
    {
        var writer = new Utf8Writer(destination);
        foreach (var part in operators)
        {
            if (part.Literal is not null) writer.Write(part.Literal);
            else if (!part.TryWrite(ref writer, info) && !omitEmpty) writer.Write((byte)'-');
        }
        written = writer.Written;
        return !writer.Overflowed;
    }
}
