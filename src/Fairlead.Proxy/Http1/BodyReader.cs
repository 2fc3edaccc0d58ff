namespace Fairlead.Proxy.Http1;

/// <summary>
/// Takes a message body out of its framing (RFC 9112 6 and 7.1): hands out slices of the caller's input, copies nothing.
/// <code>chunk-size [ chunk-ext ] CRLF chunk-data CRLF ... 0 CRLF trailer-section CRLF</code>
/// </summary>
internal sealed class BodyReader
{
    private State _state;
    private long _remaining;
    private int _lineBytes;
    private int _trailerBytes;

    public Http1Error Error { get; private set; }

    public bool IsComplete => _state == State.Done;

    /// <summary>Ends only with the connection.</summary>
    public bool EndsWithConnection => _state is State.UntilClose or State.Raw;

    /// <summary>Bytes of the body that are known to be still to come; 0 when not known.</summary>
    public long Remaining => _state == State.Length ? _remaining : 0;

    public void Begin(BodyKind kind, long length)
    {
        Error = Http1Error.None;
        _remaining = length;
        _lineBytes = 0;
        _trailerBytes = 0;
        _state = kind switch
        {
            BodyKind.Length when length > 0 => State.Length,
            BodyKind.Chunked => State.ChunkSize,
            BodyKind.UntilClose => State.UntilClose,
            BodyKind.Upgraded => State.Raw,
            _ => State.Done,
        };
    }

    /// <summary>
    /// Takes what it can from <paramref name="input"/>. NeedMore: <paramref name="data"/> (maybe empty) was found, call again with
    /// the rest unless the rest is empty or nothing was consumed. Complete: as well, and the body ended.
    /// </summary>
    /// <param name="input">Unconsumed bytes.</param>
    /// <param name="trailers">Receives trailer fields; null drops them (they are checked all the same).</param>
    /// <param name="limits">Of this side.</param>
    /// <param name="consumed">Bytes the caller drops.</param>
    /// <param name="data">Body bytes, a slice of the input.</param>
    public ParseStatus Read(ReadOnlySpan<byte> input, HeaderBlock? trailers, in Http1Limits limits, out int consumed, out ReadOnlySpan<byte> data)
    {
        consumed = 0;
        data = default;
        while (true)
        {
            var rest = input[consumed..];
            switch (_state)
            {
                case State.Done:
                    return ParseStatus.Complete;
                case State.UntilClose:
                case State.Raw:
                    data = rest;
                    consumed = input.Length;
                    return ParseStatus.NeedMore;
                case State.Length:
                case State.ChunkData:
                    if (rest.IsEmpty) return ParseStatus.NeedMore;
                    data = rest[..(int)Math.Min(rest.Length, _remaining)];
                    consumed += data.Length;
                    _remaining -= data.Length;
                    if (_remaining > 0) return ParseStatus.NeedMore;
                    _state = _state == State.Length ? State.Done : State.ChunkEnd;
                    return IsComplete ? ParseStatus.Complete : ParseStatus.NeedMore;
                default:
                    var status = ReadLine(rest, trailers, limits, out var used);
                    consumed += used;
                    if (status != ParseStatus.Complete) return status;
                    break;
            }
        }
    }

    /// <summary>Handles one framing line. Complete = go on with the next state.</summary>
    private ParseStatus ReadLine(ReadOnlySpan<byte> rest, HeaderBlock? trailers, in Http1Limits limits, out int used)
    {
        used = 0;
        var limit = _state == State.Trailers ? limits.MaxHeadBytes - _trailerBytes : Http1Limits.MaxChunkLineBytes;
        var end = rest.IndexOf((byte)'\n');
        if ((end < 0 ? rest.Length : end) > limit) return Fail(_state == State.Trailers ? Http1Error.HeadersTooLarge : Http1Error.Malformed);
        if (end < 0)
        {
            if (_state == State.ChunkEnd && rest.Length > 1) return Fail(Http1Error.Malformed);
            return ParseStatus.NeedMore;
        }
        if (end == 0 || rest[end - 1] != (byte)'\r') return Fail(Http1Error.Malformed);
        used = end + 1;
        var line = rest[..(end - 1)];
        switch (_state)
        {
            case State.ChunkSize:
                return ReadChunkSize(line);
            case State.ChunkEnd:
                if (!line.IsEmpty) return Fail(Http1Error.Malformed);
                _state = State.ChunkSize;
                return ParseStatus.Complete;
            default:
                return ReadTrailer(line, used, trailers, limits);
        }
    }

    private ParseStatus ReadTrailer(ReadOnlySpan<byte> line, int used, HeaderBlock? trailers, in Http1Limits limits)
    {
        if (line.IsEmpty)
        {
            _state = State.Done;
            return ParseStatus.Complete;
        }
        _trailerBytes += used;
        if (++_lineBytes > limits.MaxFields) return Fail(Http1Error.TooManyHeaders);
        var error = trailers is null ? CheckOnly(line) : FieldLine.Parse(line, trailers, limits, isRequest: false);
        return error == Http1Error.None ? ParseStatus.Complete : Fail(error);
    }

    private ParseStatus ReadChunkSize(ReadOnlySpan<byte> line)
    {
        long size = 0;
        var digits = 0;
        while (digits < line.Length && HexDigit(line[digits]) is >= 0 and var value)
        {
            if (digits == 15) return Fail(Http1Error.Malformed); // 60 bits are enough for any chunk and cannot overflow
            size = (size << 4) | (uint)value;
            digits++;
        }
        if (digits == 0) return Fail(Http1Error.Malformed);
        var extension = line[digits..];
        if (!extension.IsEmpty && (FieldBytes.Trim(extension) is not [(byte)';', ..] || !FieldBytes.IsValue(extension)))
            return Fail(Http1Error.Malformed);
        _remaining = size;
        _state = size == 0 ? State.Trailers : State.ChunkData;
        return ParseStatus.Complete;
    }

    private static Http1Error CheckOnly(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || !FieldBytes.IsToken(line[..colon])) return Http1Error.Malformed;
        return FieldBytes.IsValue(line[(colon + 1)..]) ? Http1Error.None : Http1Error.InvalidCharacters;
    }

    private static int HexDigit(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        _ => -1,
    };

    private ParseStatus Fail(Http1Error error)
    {
        Error = error;
        return ParseStatus.Failed;
    }

    private enum State : byte
    {
        Done,
        Length,
        UntilClose,
        Raw,
        ChunkSize,
        ChunkData,
        ChunkEnd,
        Trailers,
    }
}
