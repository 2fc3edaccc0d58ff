namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>
/// A text format: values raw, unset ones as "-" (or nothing). The codec keeps CR and LF out of values, so a line stays a line.
/// Literals and header names stand in one array and operators in another: a line is formatted once a request, when little of
/// what it reads is still in the cache.
/// </summary>
internal sealed class TextFormat : LogFormat
{
    private readonly Part[] _parts;
    private readonly byte[] _texts;
    private readonly bool _omitEmpty;
    private readonly long _ticksPerSecond; // the proxy has one clock

    public TextFormat(FormatOperator[] operators, bool omitEmpty)
    {
        var parts = new List<Part>();
        var texts = new List<byte>();
        Text before = default;
        foreach (var part in operators)
        {
            if (part.Literal is { } literal)
            {
                before = Keep(literal); // the parser joins literals, so there is one at most before an operator
                continue;
            }
            var source = part.Source;
            parts.Add(new Part(before, Keep(source.Name), Keep(source.Alternative), part.MaxBytes, source.Kind, (object?)source.Write ?? source.Time));
            if (source.Kind == ValueKind.Duration) _ticksPerSecond = source.TicksPerSecond;
            before = default;
        }
        if (before.Length > 0) parts.Add(new Part(before, default, default, int.MaxValue, ValueKind.None, null));
        _parts = [.. parts];
        _texts = [.. texts];
        _omitEmpty = omitEmpty;

        Text Keep(byte[]? text)
        {
            var start = texts.Count;
            texts.AddRange(text ?? []);
            return new Text(start, text?.Length ?? 0);
        }
    }

    public override bool TryFormat(StreamInfo info, Span<byte> destination, out int written)
    {
        var writer = new Utf8Writer(destination);
        var parts = _parts;
        for (var i = 0; i < parts.Length; i++)
        {
            ref readonly var part = ref parts[i];
            if (part.Before.Length == 1) writer.Write(_texts[part.Before.Start]);
            else writer.Write(Read(part.Before));
            if (part.Kind == ValueKind.None) break;
            var start = writer.Written;
            if (part.Kind == ValueKind.Other) ((WriteValue)part.Writer!)(ref writer, info);
            else CommonValues.Write(ref writer, info, part.Kind, Read(part.Name), Read(part.Alternative), part.Writer as TimeFormat, _ticksPerSecond);
            if (writer.Overflowed) break;
            if (writer.Written - start > part.MaxBytes) writer.Rewind(start + part.MaxBytes);
            if (writer.Written == start && !_omitEmpty) writer.Write((byte)'-');
        }
        written = writer.Written;
        return !writer.Overflowed;
    }

    private ReadOnlySpan<byte> Read(Text text) => _texts.AsSpan(text.Start, text.Length);

    private readonly record struct Text(int Start, int Length);

    /// <param name="Before">The literal in front.</param>
    /// <param name="Name">Of a header.</param>
    /// <param name="Alternative">Of the header in its place.</param>
    /// <param name="MaxBytes">Longest value; longer ones are cut.</param>
    /// <param name="Kind">None = the literal stands at the end.</param>
    /// <param name="Writer">A <see cref="WriteValue"/> or a <see cref="TimeFormat"/>.</param>
    private readonly record struct Part(Text Before, Text Name, Text Alternative, int MaxBytes, ValueKind Kind, object? Writer);
}
