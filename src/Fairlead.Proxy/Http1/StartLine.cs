namespace Fairlead.Proxy.Http1;

/// <summary>
/// Request line and status line (RFC 9112 3 and 4):
/// <code>method SP request-target SP HTTP/1.x      HTTP/1.x SP 3DIGIT SP [reason]</code>
/// </summary>
internal static class StartLine
{
    public static Http1Error ParseRequest(ReadOnlySpan<byte> line, HeaderBlock headers, HeadParser parser)
    {
        var space = line.IndexOf((byte)' ');
        if (space <= 0) return Http1Error.Malformed;
        var method = line[..space];
        if (!FieldBytes.IsToken(method)) return Http1Error.Malformed;
        var rest = line[(space + 1)..];
        var last = rest.LastIndexOf((byte)' ');
        if (last <= 0) return Http1Error.Malformed;
        if (!TryVersion(rest[(last + 1)..], out var minor)) return line.SequenceEqual("PRI * HTTP/2.0"u8) ? Http1Error.Http2Preface : Http1Error.Malformed;
        var target = rest[..last];
        if (!FieldBytes.IsTarget(target)) return Http1Error.Malformed;
        headers.SetMethod(method);
        var isConnect = method.SequenceEqual("CONNECT"u8);
        var absolute = false;
        if (isConnect)
        {
            headers.SetAuthority(target);
        }
        else if (target[0] == (byte)'/' || target.SequenceEqual("*"u8))
        {
            headers.SetPath(target);
        }
        else
        {
            var error = ParseAbsolute(target, headers, ref absolute);
            if (error != Http1Error.None) return error;
        }
        parser.SetRequestLine(minor, absolute, isConnect);
        return Http1Error.None;
    }

    public static Http1Error ParseResponse(ReadOnlySpan<byte> line, HeaderBlock headers, HeadParser parser)
    {
        if (line.Length < 12 || !TryVersion(line[..8], out var minor) || line[8] != (byte)' ') return Http1Error.Malformed;
        if (line.Length > 12 && line[12] != (byte)' ') return Http1Error.Malformed;
        var status = 0;
        foreach (var digit in line.Slice(9, 3))
        {
            if (digit is < (byte)'0' or > (byte)'9') return Http1Error.Malformed;
            status = (status * 10) + digit - '0';
        }
        if (status is < 100 or > 999) return Http1Error.Malformed;
        if (line.Length > 13 && !FieldBytes.IsValue(line[13..])) return Http1Error.Malformed;
        headers.SetStatus(line.Slice(9, 3));
        parser.SetStatusLine(minor, status);
        return Http1Error.None;
    }

    private static Http1Error ParseAbsolute(ReadOnlySpan<byte> target, HeaderBlock headers, ref bool absolute)
    {
        var colon = target.IndexOf("://"u8);
        if (colon <= 0)
        {
            // Neither origin nor absolute form: kept as it is, the connection manager answers 404 absolute_path_rejected.
            headers.SetPath(target);
            return Http1Error.None;
        }
        var scheme = target[..colon];
        if (!AsciiCase.EqualsLower(scheme, "http"u8))
            return AsciiCase.EqualsLower(scheme, "https"u8) ? Http1Error.InvalidScheme : Http1Error.InvalidUrl;
        var rest = target[(colon + 3)..];
        var slash = rest.IndexOfAny((byte)'/', (byte)'?', (byte)'#');
        var authority = slash < 0 ? rest : rest[..slash];
        if (authority.IsEmpty || authority.Contains((byte)'@')) return Http1Error.InvalidUrl;
        absolute = true;
        headers.SetAuthority(authority);
        if (slash < 0)
        {
            headers.SetPath("/"u8);
        }
        else if (rest[slash] == (byte)'/')
        {
            headers.SetPath(rest[slash..]);
        }
        else
        {
            Span<byte> path = rest.Length - slash < 1024 ? stackalloc byte[rest.Length - slash + 1] : new byte[rest.Length - slash + 1];
            path[0] = (byte)'/';
            rest[slash..].CopyTo(path[1..]);
            headers.SetPath(path);
        }
        return Http1Error.None;
    }

    private static bool TryVersion(ReadOnlySpan<byte> text, out int minor)
    {
        minor = text.Length == 8 ? text[7] - '0' : -1;
        return minor is 0 or 1 && text.StartsWith("HTTP/1."u8);
    }
}
