namespace Fairlead.Proxy.Http1;

/// <summary>One field line (RFC 9112 5): <c>name ":" OWS value OWS</c>; no space before the colon, no folding.</summary>
internal static class FieldLine
{
    public static Http1Error Parse(ReadOnlySpan<byte> line, HeaderBlock headers, in Http1Limits limits, bool isRequest)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0) return Http1Error.Malformed; // a folded line starts with a space and fails here or at the token check
        var name = line[..colon];
        if (!FieldBytes.IsToken(name)) return Http1Error.Malformed;
        var value = FieldBytes.Trim(line[(colon + 1)..]);
        if (!FieldBytes.IsValue(value)) return Http1Error.InvalidCharacters;
        if ((limits.RejectUnderscores || limits.DropUnderscores) && name.Contains((byte)'_'))
            return limits.DropUnderscores ? Http1Error.None : Http1Error.UnexpectedUnderscore;
        if (headers.Count >= limits.MaxFields) return Http1Error.TooManyHeaders;
        if (isRequest && name.Length == 4 && AsciiCase.EqualsLower(name, "host"u8)) return Host(value, headers);
        headers.AddReceived(name, value);
        return Http1Error.None;
    }

    private static Http1Error Host(ReadOnlySpan<byte> value, HeaderBlock headers)
    {
        // Host is :authority; two of them, or one that is no authority, are refused (RFC 9112 3.2).
        // An absolute-form target has set the authority already and wins; "host" is kept to notice a second field.
        if (headers.Contains("host"u8) || !IsAuthority(value)) return Http1Error.Malformed;
        var slot = headers.Add("host"u8, value);
        if (headers.Authority.IsEmpty) headers.SetAuthorityFrom(slot);
        return Http1Error.None;
    }

    /// <summary>As far as a Host line is checked while it is read.</summary>
    public static bool IsAuthority(ReadOnlySpan<byte> value) => value.IndexOfAny((byte)' ', (byte)'/', (byte)'@') < 0 && !value.Contains((byte)',');
}
