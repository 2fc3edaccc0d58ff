namespace Fairlead.Proxy.Http1;

/// <summary>One field line (RFC 9112 5): <c>name ":" OWS value OWS</c>; no space before the colon, no folding.</summary>
internal static class FieldLine
{
    /// <summary>
    /// Takes one whole line in its usual shape (one space after the colon, none at the end, nothing to refuse) with two passes over its
    /// bytes. Returns its length with CRLF, or 0 for every other line: then <see cref="Parse"/> says what it is.
    /// </summary>
    public static int TakeUsual(ReadOnlySpan<byte> input, HeaderBlock headers, in Http1Limits limits, bool isRequest)
    {
        var colon = FieldBytes.TokenLength(input);
        if (colon <= 0 || input.Length < colon + 4 || input[colon] != (byte)':' || input[colon + 1] != (byte)' ') return 0;
        var value = input[(colon + 2)..];
        var end = FieldBytes.ValueLength(value);
        if (end < 0 || end + 1 >= value.Length || value[end] != (byte)'\r' || value[end + 1] != (byte)'\n') return 0;
        if (end > 0 && (IsSpace(value[0]) || IsSpace(value[end - 1]))) return 0;
        if (headers.Count >= limits.MaxFields || colon > ushort.MaxValue) return 0;
        if ((limits.RejectUnderscores || limits.DropUnderscores) && input[..colon].Contains((byte)'_')) return 0;
        if (isRequest && colon == 4 && AsciiCase.EqualsLower(input[..colon], "host"u8)) return 0;
        var length = colon + 2 + end + 2;
        headers.AddLine(input[..length], colon);
        return length;
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

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t';

    private static Http1Error Host(ReadOnlySpan<byte> value, HeaderBlock headers)
    {
        // Host is :authority; two of them, or one that is no authority, are refused (RFC 9112 3.2).
        // An absolute-form target has set the authority already and wins; "host" is kept to notice a second field.
        if (headers.Contains("host"u8)) return Http1Error.Malformed;
        if (value.IndexOfAny((byte)' ', (byte)'/', (byte)'@') >= 0 || value.Contains((byte)',')) return Http1Error.Malformed;
        var slot = headers.Add("host"u8, value);
        if (headers.Authority.IsEmpty) headers.SetAuthorityFrom(slot);
        return Http1Error.None;
    }
}
