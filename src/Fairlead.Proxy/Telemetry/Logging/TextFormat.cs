using System.Buffers.Binary;

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
        byte[] before = [];
        foreach (var part in operators)
        {
            if (part.Literal is { } literal)
            {
                before = literal; // the parser joins literals, so there is one at most before an operator
                continue;
            }
            var source = part.Source;
            parts.Add(new Part
            {
                Packed = Pack(before), Before = Keep(before), Name = Keep(source.Name), Alternative = Keep(source.Alternative), MaxBytes = part.MaxBytes,
                Kind = source.Kind, Writer = (object?)source.Write ?? source.Time,
            });
            if (source.Kind == ValueKind.Duration) _ticksPerSecond = source.TicksPerSecond;
            before = [];
        }
        if (before.Length > 0) parts.Add(new Part { Packed = Pack(before), Before = Keep(before), MaxBytes = int.MaxValue });
        _parts = [.. parts];
        _texts = [.. texts];
        _omitEmpty = omitEmpty;

        Text Keep(byte[]? text)
        {
            var start = texts.Count;
            texts.AddRange(text ?? []);
            return new Text(start, text?.Length ?? 0);
        }

        static ulong Pack(byte[] text)
        {
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            bytes.Clear();
            text.AsSpan(0, Math.Min(text.Length, bytes.Length)).CopyTo(bytes);
            return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        }
    }

    public override bool TryFormat(StreamInfo info, Span<byte> destination, out int written)
    {
        var writer = new Utf8Writer(destination);
        foreach (ref readonly var part in _parts.AsSpan())
        {
            if (part.Before.Length <= sizeof(ulong)) writer.WritePacked(part.Packed, part.Before.Length);
            else writer.Write(Read(part.Before));
            if (part.Kind == ValueKind.None) break;
            var start = writer.Written;
            switch (part.Kind)
            {
                case ValueKind.Other: ((WriteValue)part.Writer!)(ref writer, info); break;
                case ValueKind.RequestHeader: CommonValues.WriteHeader(ref writer, info.RequestHeaders, Read(part.Name), Read(part.Alternative)); break;
                case ValueKind.ResponseHeader: CommonValues.WriteHeader(ref writer, info.ResponseHeaders, Read(part.Name), Read(part.Alternative)); break;
                case ValueKind.StartTime: ((TimeFormat)part.Writer!).Write(ref writer, info.StartTime); break;
                case ValueKind.Duration: CommonValues.WriteSpan(ref writer, info.StartTimestamp, info.EndTimestamp, 1000, _ticksPerSecond); break;
                default: CommonValues.Write(ref writer, info, part.Kind); break;
            }
            var length = writer.Written - start;
            if (length > part.MaxBytes) writer.Rewind(start + part.MaxBytes);
            if (length == 0 && !_omitEmpty) writer.Write((byte)'-');
        }
        written = writer.Written;
        return !writer.Overflowed;
    }

    private ReadOnlySpan<byte> Read(Text text) => _texts.AsSpan(text.Start, text.Length);

    private readonly record struct Text(int Start, int Length);

    private readonly struct Part
    {
        /// <summary>A literal of up to eight bytes, in memory order.</summary>
        public ulong Packed { get; init; }

        /// <summary>The literal in front.</summary>
        public Text Before { get; init; }

        /// <summary>Of a header.</summary>
        public Text Name { get; init; }

        /// <summary>Of the header in its place.</summary>
        public Text Alternative { get; init; }

        /// <summary>Longest value; longer ones are cut.</summary>
        public int MaxBytes { get; init; }

        /// <summary>None = the literal stands at the end.</summary>
        public ValueKind Kind { get; init; }

        /// <summary>A <see cref="WriteValue"/> or a <see cref="TimeFormat"/>.</summary>
        public object? Writer { get; init; }
    }
}
