using System.Globalization;

namespace Fairlead.Config.Primitives;

/// <summary>
/// Durations as Istio's API writes them: the proto-JSON form (<c>"3s"</c>, <c>"0.5s"</c>) and, as Istio's JSON reader
/// also takes it, Go's (<c>"1m30s"</c>, <c>"250ms"</c>). Ticks are 100 ns; what is finer is cut off.
/// </summary>
public static class Duration
{
    /// <summary>Ten thousand years of seconds, the bound of the protobuf type.</summary>
    private const decimal LongestSeconds = 315_576_000_000m;

    /// <summary>Digits before or after the point, so that a long text costs no more than a short one.</summary>
    private const int LongestText = 64;

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length is 0 or > LongestText)
            return false;
        var rest = text.AsSpan();
        var negative = rest[0] == '-';
        if (rest[0] is '-' or '+')
            rest = rest[1..];
        if (rest is "0")
            return true;
        if (rest.IsEmpty)
            return false;
        var seconds = 0m;
        while (!rest.IsEmpty)
        {
            if (!TryTakeNumber(ref rest, out var number) || !TryTakeUnit(ref rest, out var unit))
                return false;
            if (number > LongestSeconds)
                return false;
            seconds += number * unit;
            if (seconds > LongestSeconds)
                return false;
        }
        duration = new TimeSpan((long)(seconds * TimeSpan.TicksPerSecond) * (negative ? -1 : 1));
        return true;
    }

    /// <summary>The proto-JSON form: seconds with 0, 3, 6 or 9 decimals, as protobuf prints them.</summary>
    public static string Format(TimeSpan duration)
    {
        var ticks = Math.Abs(duration.Ticks);
        var nanos = ticks % TimeSpan.TicksPerSecond * 100;
        var sign = duration < TimeSpan.Zero ? "-" : "";
        var whole = sign + (ticks / TimeSpan.TicksPerSecond).ToString(CultureInfo.InvariantCulture);
        if (nanos == 0)
            return whole + "s";
        var digits = nanos.ToString("D9", CultureInfo.InvariantCulture);
        if (digits.EndsWith("000000", StringComparison.Ordinal))
            digits = digits[..3];
        else if (digits.EndsWith("000", StringComparison.Ordinal))
            digits = digits[..6];
        return $"{whole}.{digits}s";
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<char> rest, out decimal number)
    {
        var length = 0;
        while (length < rest.Length && (char.IsAsciiDigit(rest[length]) || rest[length] == '.'))
            length++;
        var parsed = decimal.TryParse(rest[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
        rest = rest[length..];
        return parsed;
    }

    private static bool TryTakeUnit(ref ReadOnlySpan<char> rest, out decimal seconds)
    {
        var length = 0;
        while (length < rest.Length && !char.IsAsciiDigit(rest[length]) && rest[length] != '.')
            length++;
        seconds = rest[..length] switch
        {
            "ns" => 1e-9m,
            "us" or "\u00b5s" => 1e-6m,
            "ms" => 1e-3m,
            "s" => 1m,
            "m" => 60m,
            "h" => 3600m,
            _ => 0m,
        };
        rest = rest[length..];
        return seconds != 0m;
    }
}
