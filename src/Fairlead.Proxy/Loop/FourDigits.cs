using System.Runtime.CompilerServices;

namespace Fairlead.Proxy.Loop;

/// <summary>Decimal text of numbers below 10,000, all four digits at once: status codes, durations, ports. An access log line has ten of them.</summary>
internal static class FourDigits
{
    public const int Limit = 10_000;

    /// <summary>Writes four bytes at <paramref name="to"/>, of which the number's digits are the first. Returns how many it has, at least <paramref name="width"/>.</summary>
    /// <param name="to">Where four bytes may be written.</param>
    /// <param name="number">Below <see cref="Limit"/>.</param>
    /// <param name="width">1 to 4; zeros in front make up for missing digits.</param>
    public static int Write(ref byte to, uint number, int width = 1)
    {
        var digits = Math.Max(width, number >= 1000 ? 4 : number >= 100 ? 3 : number >= 10 ? 2 : 1);
        Unsafe.WriteUnaligned(ref to, Text(number) >> (8 * (4 - digits)));
        return digits;
    }

    /// <summary>In little-endian memory order, with leading zeros.</summary>
    public static uint Text(uint number)
    {
        var hundreds = number / 100;
        var pairs = hundreds | ((number - (hundreds * 100)) << 16);
        var tens = ((pairs * 103) >> 10) & 0x000f000f; // 103/1024 divides what is below 100 by ten
        return (tens | ((pairs - (tens * 10)) << 8)) + 0x30303030;
    }
}
