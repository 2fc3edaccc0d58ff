namespace Fairlead.Proxy.Http1;

/// <summary>
/// The one meaning of a message's length (RFC 9112 6.3), with every ambiguous form refused: these are the request
/// smuggling shapes. Content-Length lists of equal numbers collapse to one number, as in Envoy.
/// </summary>
internal readonly record struct MessageFraming(Http1Error Error, BodyKind Kind, long Length, bool KeepAlive, bool Upgrade)
{
    private const int MaxLengthDigits = 18; // more digits than any body has; keeps the number inside 63 bits

    public static MessageFraming OfRequest(HeaderBlock headers, bool isConnect, int minorVersion, bool allowChunkedLength)
    {
        var connection = ReadConnection(headers, minorVersion);
        var error = ReadLength(headers, out var length);
        if (error != Http1Error.None) return Failed(error);
        var coding = TransferCoding(headers);
        if (isConnect)
        {
            if (coding != Coding.None) return Failed(Http1Error.TransferEncodingNotAllowed);
            return length > 0 ? Failed(Http1Error.ContentLengthNotAllowed) : new(Http1Error.None, BodyKind.None, 0, connection.KeepAlive, false);
        }
        if (coding == Coding.Other || (coding == Coding.Chunked && minorVersion == 0)) return Failed(Http1Error.InvalidTransferEncoding);
        if (coding == Coding.Chunked)
        {
            if (length >= 0 && !DropLength(headers, allowChunkedLength)) return Failed(Http1Error.ContentLengthAndChunked);
            return new(Http1Error.None, BodyKind.Chunked, 0, connection.KeepAlive, connection.Upgrade);
        }
        return new(Http1Error.None, length > 0 ? BodyKind.Length : BodyKind.None, Math.Max(0, length), connection.KeepAlive, connection.Upgrade);
    }

    public static MessageFraming OfResponse(HeaderBlock headers, int status, bool isHead, int minorVersion, bool allowChunkedLength)
    {
        var connection = ReadConnection(headers, minorVersion);
        var error = ReadLength(headers, out var length);
        if (error != Http1Error.None) return Failed(error);
        var coding = TransferCoding(headers);
        if (status < 200 || status == 204)
        {
            if (coding != Coding.None) return Failed(Http1Error.TransferEncodingNotAllowed);
            if (length > 0) return Failed(Http1Error.ContentLengthNotAllowed);
            var kind = status == 101 ? BodyKind.Upgraded : BodyKind.None;
            return new(Http1Error.None, kind, 0, connection.KeepAlive, connection.Upgrade);
        }
        if (coding == Coding.Other) return Failed(Http1Error.InvalidTransferEncoding);
        if (coding == Coding.Chunked && length >= 0 && !DropLength(headers, allowChunkedLength)) return Failed(Http1Error.ContentLengthAndChunked);
        if (isHead || status == 304) return new(Http1Error.None, BodyKind.None, Math.Max(0, length), connection.KeepAlive, false);
        if (coding == Coding.Chunked)
            return minorVersion == 0 ? Failed(Http1Error.InvalidTransferEncoding) : new(Http1Error.None, BodyKind.Chunked, 0, connection.KeepAlive, false);
        return length < 0
            ? new(Http1Error.None, BodyKind.UntilClose, 0, false, false)
            : new(Http1Error.None, length == 0 ? BodyKind.None : BodyKind.Length, length, connection.KeepAlive, false);
    }

    private static MessageFraming Failed(Http1Error error) => new(error, BodyKind.None, 0, false, false);

    private static bool DropLength(HeaderBlock headers, bool allowed)
    {
        if (allowed) headers.Remove("content-length"u8);
        return allowed;
    }

    private static (bool KeepAlive, bool Upgrade) ReadConnection(HeaderBlock headers, int minorVersion)
    {
        bool close = false, keepAlive = false, upgrade = false;
        for (var slot = headers.IndexOf("connection"u8, 0); slot >= 0; slot = headers.IndexOf("connection"u8, slot + 1))
        {
            var list = headers.Value(slot);
            if (AsciiCase.EqualsLower(list, "keep-alive"u8))
            {
                keepAlive = true; // what most servers say, and all that they say
                continue;
            }
            close |= FieldBytes.ListContains(list, "close"u8);
            keepAlive |= FieldBytes.ListContains(list, "keep-alive"u8);
            upgrade |= FieldBytes.ListContains(list, "upgrade"u8);
        }
        upgrade = upgrade && headers.Contains("upgrade"u8);
        return (!close && (minorVersion == 1 || keepAlive), upgrade);
    }

    /// <summary>-1 = no Content-Length. The fields become one field with one number.</summary>
    private static Http1Error ReadLength(HeaderBlock headers, out long length)
    {
        length = -1;
        var first = headers.IndexOf("content-length"u8, 0);
        if (first < 0) return Http1Error.None;
        // Nearly always: one field with one number.
        if (TryNumber(headers.Value(first), out var only) && headers.IndexOf("content-length"u8, first + 1) < 0)
        {
            length = only;
            return Http1Error.None;
        }
        var several = false;
        for (var slot = first; slot >= 0; slot = headers.IndexOf("content-length"u8, slot + 1))
        {
            var rest = headers.Value(slot);
            do
            {
                var comma = rest.IndexOf((byte)',');
                several |= comma >= 0 || slot != first;
                if (!TryNumber(FieldBytes.Trim(comma < 0 ? rest : rest[..comma]), out var number)) return Http1Error.Malformed;
                if (length >= 0 && number != length) return Http1Error.Malformed;
                length = number;
                rest = comma < 0 ? default : rest[(comma + 1)..];
                if (comma >= 0 && rest.IsEmpty) return Http1Error.Malformed;
            }
            while (!rest.IsEmpty);
        }
        if (several) headers.SetNumber("content-length"u8, length);
        return Http1Error.None;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out long number)
    {
        number = 0;
        if (digits.Length is 0 or > MaxLengthDigits) return false;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            number = (number * 10) + digit - '0';
        }
        return true;
    }

    private static Coding TransferCoding(HeaderBlock headers)
    {
        var slot = headers.IndexOf("transfer-encoding"u8, 0);
        if (slot < 0) return Coding.None;
        if (headers.IndexOf("transfer-encoding"u8, slot + 1) >= 0) return Coding.Other;
        return AsciiCase.EqualsLower(headers.Value(slot), "chunked"u8) ? Coding.Chunked : Coding.Other;
    }

    private enum Coding
    {
        None,
        Chunked,
        Other,
    }
}
