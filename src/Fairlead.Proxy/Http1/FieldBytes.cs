using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fairlead.Proxy.Http1;

/// <summary>The character classes of RFC 9110 5.5/5.6.2 and RFC 9112 as tables.</summary>
internal static class FieldBytes
{
    /// <summary>token characters, lowered; 0 for every byte that is not a token character.</summary>
    private static readonly byte[] TokenLower = BuildTokens();

    /// <summary>CR, LF and NUL are what splits messages; the other controls but HTAB are refused with them, as Envoy does.</summary>
    private static readonly SearchValues<byte> NotInValue =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(b => b != 9).Select(b => (byte)b), 127]);

    private static readonly SearchValues<byte> NotInTarget = SearchValues.Create([.. Enumerable.Range(0, 33).Select(b => (byte)b), 127]);

    public static bool IsToken(ReadOnlySpan<byte> text)
    {
        foreach (var b in text)
        {
            if (TokenLower[b] == 0) return false;
        }
        return text.Length > 0;
    }

    /// <summary>A bit for each byte that is no token character, the first byte's lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NotTokens(Vector128<byte> text)
    {
        // For each low half of a byte the high halves (2 to 7, a bit each) with which it is a token character; 0 for those above 7.
        var highHalves = Vector128.Create(
            0xe8, 0xfc, 0xf8, 0xfc, 0xfc, 0xfc, 0xfc, 0xfc, 0xf8, 0xf8, 0xf4, 0x54, 0xd0, 0x54, 0xf4, (byte)0x70);
        var bits = Vector128.Create(0, 0, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 0, 0, 0, 0, 0, 0, 0, (byte)0);
        var half = Vector128.Create((byte)0x0f);
        var allowed = Vector128.ShuffleNative(highHalves, text & half);
        var high = Vector128.ShuffleNative(bits, (text.AsUInt16() >> 4).AsByte() & half);
        return Vector128.Equals(allowed & high, Vector128<byte>.Zero).ExtractMostSignificantBits();
    }

    /// <summary>A bit for each control, HTAB and DEL among them, the first byte's lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Controls(Vector256<byte> text) =>
        (Vector256.LessThan(text, Vector256.Create((byte)' ')) | Vector256.Equals(text, Vector256.Create((byte)127))).ExtractMostSignificantBits();

    /// <summary>ASCII letters in lower case, all other bytes as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Lower(Vector128<byte> text)
    {
        var isUpper = Vector128.LessThan(text - Vector128.Create((byte)'A'), Vector128.Create((byte)26));
        return text | (isUpper & Vector128.Create((byte)0x20));
    }

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
