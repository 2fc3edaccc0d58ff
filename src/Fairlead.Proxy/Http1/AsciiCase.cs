namespace Fairlead.Proxy.Http1;

/// <summary>ASCII case folding of bytes; bytes above 127 stay as they are.</summary>
internal static class AsciiCase
{
    public static void Lower(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            var b = source[i];
            destination[i] = (uint)(b - 'A') <= 'Z' - 'A' ? (byte)(b | 0x20) : b;
        }
    }

    /// <summary>Compares ignoring ASCII case; <paramref name="lower"/> is already lower case.</summary>
    public static bool EqualsLower(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower)
    {
        if (text.Length != lower.Length) return false;
        for (var i = 0; i < text.Length; i++)
        {
            var b = text[i];
            if (((uint)(b - 'A') <= 'Z' - 'A' ? (byte)(b | 0x20) : b) != lower[i]) return false;
        }
        return true;
    }
}
