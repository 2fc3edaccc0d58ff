using System.Buffers.Binary;

namespace Fairlead.Proxy.Http1;

/// <summary>ASCII case folding of bytes; bytes above 127 stay as they are.</summary>
internal static class AsciiCase
{
    /// <summary><paramref name="destination"/> may be <paramref name="source"/> itself.</summary>
    public static void Lower(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var at = 0;
        for (; at <= source.Length - sizeof(ulong); at += sizeof(ulong))
            BinaryPrimitives.WriteUInt64LittleEndian(destination[at..], Lower(BinaryPrimitives.ReadUInt64LittleEndian(source[at..])));
        for (; at < source.Length; at++)
        {
            var b = source[at];
            destination[at] = (uint)(b - 'A') <= 'Z' - 'A' ? (byte)(b | 0x20) : b;
        }
    }

    /// <summary>Lowers the first <paramref name="count"/> bytes of a line in place.</summary>
    public static void LowerFirst(Span<byte> line, int count)
    {
        if (line.Length < sizeof(ulong))
        {
            Lower(line[..count], line);
            return;
        }
        // Eight bytes at once, the last eight again where they overlap; the bytes behind a shorter name are masked.
        if (count >= sizeof(ulong))
        {
            for (var at = 0; at < count - sizeof(ulong); at += sizeof(ulong)) LowerEight(line[at..], ulong.MaxValue);
            LowerEight(line[(count - sizeof(ulong))..], ulong.MaxValue);
            return;
        }
        LowerEight(line, (1UL << (count * 8)) - 1);
    }

    /// <summary>Compares ignoring ASCII case; <paramref name="lower"/> is already lower case.</summary>
    public static bool EqualsLower(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower)
    {
        if (text.Length != lower.Length) return false;
        if (text.SequenceEqual(lower)) return true; // what is compared so is mostly sent in lower case
        for (var i = 0; i < text.Length; i++)
        {
            var b = text[i];
            if (((uint)(b - 'A') <= 'Z' - 'A' ? (byte)(b | 0x20) : b) != lower[i]) return false;
        }
        return true;
    }

    private static void LowerEight(Span<byte> bytes, ulong mask)
    {
        var word = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, word ^ ((word ^ Lower(word)) & mask));
    }

    /// <summary>Eight bytes at once: a byte's high bit tells that its low seven are in A..Z, and moves to where case is.</summary>
    private static ulong Lower(ulong bytes)
    {
        const ulong Each = 0x0101010101010101;
        var low = bytes & (0x7f * Each);
        var isUpper = (low + ((0x80 - 'A') * Each)) & ~(low + ((0x7f - 'Z') * Each)) & ~bytes & (0x80 * Each);
        return bytes | (isUpper >> 2);
    }
}
