namespace Fairlead.Proxy.Http1;

/// <summary>One field line (RFC 9112 5): <c>name ":" OWS value OWS</c>; no space before the colon, no folding.</summary>
internal static class FieldLine
{
    private const int MaxAtOnce = 64; // lines of one copy

    /// <summary>
    /// Takes all whole lines at the beginning that have the usual shape (one space after the colon, none at the end, nothing to refuse),
    /// with two passes over their bytes and one copy. Returns their length; the first line of another shape is for <see cref="Parse"/>.
    /// </summary>
    public static int TakeUsual(ReadOnlySpan<byte> input, HeaderBlock headers, in Http1Limits limits, bool isRequest)
    {
        if (limits.RejectUnderscores || limits.DropUnderscores) return 0;
        var first = headers.SlotCount;
        var more = Math.Min(limits.MaxFields - headers.Count, MaxAtOnce);
        var taken = 0;
        for (; more > 0; more--)
        {
            var rest = input[taken..];
            var colon = FieldBytes.TokenLength(rest);
            if (colon is <= 0 or > ushort.MaxValue || !rest[colon..].StartsWith(": "u8)) break;
            var value = rest[(colon + 2)..];
            var end = FieldBytes.ValueLength(value);
            if (end < 0 || !value[end..].StartsWith("\r\n"u8)) break;
            if (end > 0 && (value[0] <= ' ' || value[end - 1] <= ' ')) break; // a space or a tab: no other control is in a value
            var isHost = isRequest && colon == 4 && AsciiCase.EqualsLower(rest[..4], "host"u8);
            if (isHost && !MayBeHost(value[..end], headers)) break;
            var slot = headers.Announce(taken, rest[..colon], end);
            if (isHost && headers.Authority.IsEmpty) headers.SetAuthorityFrom(slot);
            taken += colon + 2 + end + 2;
        }
        headers.AddAnnounced(input[..taken], first);
        return taken;
    }

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
        headers.Add(name, value);
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
    /// <summary>The first Host line, as far as can be told while the lines before it are not kept yet.</summary>
    private static bool MayBeHost(ReadOnlySpan<byte> value, HeaderBlock headers) => !headers.MayContain("host"u8) && IsAuthority(value);

    private static bool IsAuthority(ReadOnlySpan<byte> value) => value.IndexOfAny((byte)' ', (byte)'/', (byte)'@') < 0 && !value.Contains((byte)',');
}
