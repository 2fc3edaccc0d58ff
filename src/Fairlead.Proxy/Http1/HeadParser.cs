namespace Fairlead.Proxy.Http1;

/// <summary>
/// Reads one message head, request or response, line by line as bytes arrive: complete lines are taken at once, so a slow
/// sender costs linear work and an error is found as early as its line. Strict by RFC 9112: CRLF only, no folding, no space
/// before the colon, one meaning for the length. No I/O and no clock; the fields land in the caller's <see cref="HeaderBlock"/>.
/// </summary>
internal sealed class HeadParser(bool isRequest)
{
    private bool _started;
    private int _headBytes;
    private int _emptyLines;

    public Http1Error Error { get; private set; }

    /// <summary>Minor version: 0 or 1.</summary>
    public int MinorVersion { get; private set; } = 1;

    /// <summary>Responses only.</summary>
    public int StatusCode { get; private set; }

    /// <summary>Framing of the message; valid when complete.</summary>
    public BodyKind Body { get; private set; }

    /// <summary>Valid for <see cref="BodyKind.Length"/>.</summary>
    public long ContentLength { get; private set; }

    /// <summary>The connection outlives the message as far as the message says (RFC 9112 9.3).</summary>
    public bool KeepAlive { get; private set; }

    /// <summary>An Upgrade header that the Connection header names.</summary>
    public bool WantsUpgrade { get; private set; }

    /// <summary>The target was in absolute form; its authority replaced Host.</summary>
    public bool AbsoluteForm { get; private set; }

    public bool IsConnect { get; private set; }

    /// <summary>Bytes of start line and fields seen so far.</summary>
    public int HeadBytes => _headBytes;

    /// <summary>Some byte of the message was seen.</summary>
    public bool HasStarted => _started || _headBytes > 0;

    public void Reset()
    {
        _started = false;
        _headBytes = 0;
        _emptyLines = 0;
        Error = Http1Error.None;
        MinorVersion = 1;
        StatusCode = 0;
        Body = BodyKind.None;
        ContentLength = 0;
        KeepAlive = false;
        WantsUpgrade = false;
        AbsoluteForm = false;
        IsConnect = false;
    }

    /// <param name="input">Unconsumed bytes.</param>
    /// <param name="headers">Cleared by the caller before the first call of a message.</param>
    /// <param name="limits">Of this side.</param>
    /// <param name="requestMethodIsHead">Responses: the request was HEAD, so there is no body whatever the fields say.</param>
    /// <param name="consumed">Bytes the caller drops.</param>
    public ParseStatus Parse(ReadOnlySpan<byte> input, HeaderBlock headers, in Http1Limits limits, bool requestMethodIsHead, out int consumed)
    {
        consumed = 0;
        while (true)
        {
            var rest = input[consumed..];
            if (_started && _headBytes + rest.Length <= limits.MaxHeadBytes && UsualLines.Take(rest, headers, limits, isRequest) is var taken and > 0)
            {
                _headBytes += taken;
                consumed += taken;
                rest = rest[taken..];
            }
            if (_started && rest.StartsWith("\r\n"u8) && _headBytes + 2 <= limits.MaxHeadBytes)
            {
                _headBytes += 2;
                consumed += 2;
                return Finish(headers, limits, requestMethodIsHead);
            }
            var end = rest.IndexOf((byte)'\n');
            if (end < 0)
            {
                if (_headBytes + rest.Length > limits.MaxHeadBytes) return Fail(Http1Error.HeadersTooLarge);
                return CheckPartialLine(rest) ? ParseStatus.NeedMore : Fail(Http1Error.Malformed);
            }
            _headBytes += end + 1;
            if (_headBytes > limits.MaxHeadBytes) return Fail(Http1Error.HeadersTooLarge);
            if (end == 0 || rest[end - 1] != (byte)'\r') return Fail(Http1Error.Malformed);
            consumed += end + 1;
            var line = rest[..(end - 1)];
            if (!_started)
            {
                if (line.IsEmpty)
                {
                    if (!isRequest || ++_emptyLines > Http1Limits.MaxLeadingEmptyLines) return Fail(Http1Error.Malformed);
                    continue;
                }
                var error = isRequest ? StartLine.ParseRequest(line, headers, this) : StartLine.ParseResponse(line, headers, this);
                if (error != Http1Error.None) return Fail(error);
                _started = true;
                continue;
            }
            var fieldError = FieldLine.Parse(line, headers, limits, isRequest);
            if (fieldError != Http1Error.None) return Fail(fieldError);
        }
    }

    internal void SetRequestLine(int minorVersion, bool absoluteForm, bool isConnect)
    {
        MinorVersion = minorVersion;
        AbsoluteForm = absoluteForm;
        IsConnect = isConnect;
    }

    internal void SetStatusLine(int minorVersion, int status)
    {
        MinorVersion = minorVersion;
        StatusCode = status;
    }

    private ParseStatus Finish(HeaderBlock headers, in Http1Limits limits, bool requestMethodIsHead)
    {
        var framing = isRequest
            ? MessageFraming.OfRequest(headers, IsConnect, MinorVersion, limits.AllowChunkedLength)
            : MessageFraming.OfResponse(headers, StatusCode, requestMethodIsHead, MinorVersion, limits.AllowChunkedLength);
        if (framing.Error != Http1Error.None) return Fail(framing.Error);
        Body = framing.Kind;
        ContentLength = framing.Length;
        KeepAlive = framing.KeepAlive;
        WantsUpgrade = framing.Upgrade;
        return ParseStatus.Complete;
    }

    /// <summary>Finds garbage (a TLS hello on a plaintext port) before its line ends, if it ever does.</summary>
    private bool CheckPartialLine(ReadOnlySpan<byte> partial)
    {
        if (_started || partial.IsEmpty || partial[0] == (byte)'\r') return true;
        if (!isRequest) return "HTTP/1."u8.StartsWith(partial[..Math.Min(7, partial.Length)]) || partial.Length > 7 && partial.StartsWith("HTTP/1."u8);
        var space = partial.IndexOf((byte)' ');
        return FieldBytes.IsToken(space < 0 ? partial : partial[..space]);
    }

    private ParseStatus Fail(Http1Error error)
    {
        Error = error;
        return ParseStatus.Failed;
    }
}
