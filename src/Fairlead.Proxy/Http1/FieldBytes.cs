using System.Buffers;

namespace Fairlead.Proxy.Http1;

/// <summary>The character classes of RFC 9110 5.5/5.6.2 and RFC 9112 as tables.</summary>
internal static class FieldBytes
{
    /// <summary>token characters, lowered; 0 for every byte that is not a token character.</summary>
    private static readonly byte[] TokenLower = BuildTokens();

    /// <summary>CR, LF and NUL are what splits messages; the other controls but HTAB are refused with them, as Envoy does.</summary>
    private static readonly SearchValues<byte> NotInValue =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(b => b != 9).Select(b => (byte)b), 127]);

    private static readonly SearchValues<byte> Tokens =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    private static readonly SearchValues<byte> NotInTarget = SearchValues.Create([.. Enumerable.Range(0, 33).Select(b => (byte)b), 127]);

    public static bool IsToken(ReadOnlySpan<byte> text)
    {
        foreach (var b in text)
        {
            if (TokenLower[b] == 0) return false;
        }
        return text.Length > 0;
    }

    /// <summary>Bytes at the beginning that are token characters; -1 when all are.</summary>
    public static int TokenLength(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(Tokens);

    /// <summary>Bytes before the first that no value may hold (CR and LF among them); -1 when there is none.</summary>
    public static int ValueLength(ReadOnlySpan<byte> text) => text.IndexOfAny(NotInValue);

    public static bool IsValue(ReadOnlySpan<byte> text) => text.IndexOfAny(NotInValue) < 0;

    public static bool IsTarget(ReadOnlySpan<byte> text) => text.Length > 0 && text.IndexOfAny(NotInTarget) < 0;

    /// <summary>Strips spaces and tabs from both ends (OWS).</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        var start = 0;
        var end = text.Length;
        while (start < end && text[start] is (byte)' ' or (byte)'\t') start++;
        while (end > start && text[end - 1] is (byte)' ' or (byte)'\t') end--;
        return text[start..end];
    }

    /// <summary>Walks the elements of a comma list, trimmed, empty ones skipped. Returns false at the end.</summary>
    public static bool NextElement(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> element)
    {
        while (rest.Length > 0)
        {
            var comma = rest.IndexOf((byte)',');
            element = Trim(comma < 0 ? rest : rest[..comma]);
            rest = comma < 0 ? default : rest[(comma + 1)..];
            if (element.Length > 0) return true;
        }
        element = default;
        return false;
    }

    /// <summary>Whether a comma list holds a token, case-insensitively; <paramref name="lower"/> is lower case.</summary>
    public static bool ListContains(ReadOnlySpan<byte> list, ReadOnlySpan<byte> lower)
    {
        while (NextElement(ref list, out var element))
        {
            if (AsciiCase.EqualsLower(element, lower)) return true;
        }
        return false;
    }

    private static byte[] BuildTokens()
    {
        var table = new byte[256];
        foreach (var b in "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"u8) table[b] = b;
        for (var b = (byte)'A'; b <= (byte)'Z'; b++) table[b] = (byte)(b | 0x20);
        return table;
    }
}
