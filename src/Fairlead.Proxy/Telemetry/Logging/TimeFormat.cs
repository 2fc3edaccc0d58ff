using System.Globalization;
using System.Text;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>
/// A compiled time format: strftime's letters that logs use, %E3S and %1f to %9f for fractions, %s for epoch seconds. Default:
/// 2024-06-26T03:30:14.684Z.
/// </summary>
internal sealed class TimeFormat
{
    private const string DefaultFormat = "%Y-%m-%dT%H:%M:%E3SZ";

    private const int KeptBytes = 64; // of the text before and after the fraction; longer ones are written anew each time

    private readonly Part[] _parts;
    private readonly int _fraction; // the place of the only part that changes within a second; -1 when there are several
    private readonly TimeZoneInfo _zone;
    private volatile Kept _kept = new(-1, [], []); // of the last second that some thread wrote

    private TimeFormat(Part[] parts, int fraction, TimeZoneInfo zone)
    {
        _parts = parts;
        _fraction = fraction;
        _zone = zone;
    }

    private delegate void Part(ref Utf8Writer writer, DateTimeOffset time);

    /// <exception cref="FormatException">A specifier is not known or prints a line end.</exception>
    public static TimeFormat Compile(string? format, TimeZoneInfo zone)
    {
        var parts = new List<Part>();
        var fractions = new List<int>();
        var text = string.IsNullOrEmpty(format) ? DefaultFormat : format;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || i + 1 == text.Length)
            {
                Literal(parts, text[i].ToString());
                continue;
            }
            i++;
            if (text[i] == 'E' && i + 2 < text.Length && char.IsAsciiDigit(text[i + 1]) && text[i + 2] == 'S')
            {
                var digits = text[i + 1] - '0';
                parts.Add(static (ref Utf8Writer writer, DateTimeOffset time) => writer.WritePadded(time.Second, 2));
                if (digits > 0) Literal(parts, ".");
                AddFraction(digits);
                i += 2;
            }
            else if (char.IsAsciiDigit(text[i]) && i + 1 < text.Length && text[i + 1] == 'f')
            {
                AddFraction(text[i] - '0');
                i++;
            }
            else if (text[i] == 'f')
            {
                AddFraction(9);
            }
            else
            {
                Letter(parts, text[i]);
            }
        }
        return new TimeFormat([.. parts], fractions.Count switch { 0 => parts.Count, 1 => fractions[0], _ => -1 }, zone);

        void AddFraction(int digits)
        {
            if (digits > 0) fractions.Add(parts.Count);
            Fraction(parts, digits);
        }
    }

    public void Write(ref Utf8Writer writer, DateTimeOffset time)
    {
        if (_fraction < 0)
        {
            Write(ref writer, Local(time), 0, _parts.Length);
            return;
        }
        // All but the fraction is the same for a second's lines: some thousands.
        var kept = _kept;
        var second = time.UtcTicks / TimeSpan.TicksPerSecond;
        if (kept.Second != second)
        {
            kept = Keep(Local(time), second);
            if (kept.Second < 0)
            {
                Write(ref writer, Local(time), 0, _parts.Length);
                return;
            }
        }
        writer.Write(kept.Before);
        if (_fraction == _parts.Length) return;
        _parts[_fraction](ref writer, time);
        writer.Write(kept.After);
    }

    private DateTimeOffset Local(DateTimeOffset time) => ReferenceEquals(_zone, TimeZoneInfo.Utc) ? time.ToUniversalTime() : TimeZoneInfo.ConvertTime(time, _zone);

    private void Write(ref Utf8Writer writer, DateTimeOffset local, int from, int to)
    {
        for (var i = from; i < to; i++) _parts[i](ref writer, local);
    }

    private static void Literal(List<Part> parts, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        parts.Add((ref Utf8Writer writer, DateTimeOffset _) => writer.Write(bytes));
    }

    private static void Fraction(List<Part> parts, int digits)
    {
        if (digits == 0) return;
        var divisor = 1L;
        for (var i = digits; i < 9; i++) divisor *= 10;
        parts.Add((ref Utf8Writer writer, DateTimeOffset time) => writer.WritePadded(time.Ticks % TimeSpan.TicksPerSecond * 100 / divisor, digits));
    }

    private static void Number(List<Part> parts, Func<DateTimeOffset, long> read, int width) =>
        parts.Add((ref Utf8Writer writer, DateTimeOffset time) => writer.WritePadded(read(time), width));

    private static void Name(List<Part> parts, string format)
    {
        // Names of days and months allocate; formats that ask for them are rare.
        parts.Add((ref Utf8Writer writer, DateTimeOffset time) => writer.Write(Encoding.UTF8.GetBytes(time.ToString(format, CultureInfo.InvariantCulture))));
    }

    private static void Letter(List<Part> parts, char letter)
    {
        switch (letter)
        {
            case 'Y': Number(parts, static time => time.Year, 4); break;
            case 'y': Number(parts, static time => time.Year % 100, 2); break;
            case 'm': Number(parts, static time => time.Month, 2); break;
            case 'd' or 'e': Number(parts, static time => time.Day, 2); break;
            case 'H': Number(parts, static time => time.Hour, 2); break;
            case 'I': Number(parts, static time => (time.Hour + 11) % 12 + 1, 2); break;
            case 'M': Number(parts, static time => time.Minute, 2); break;
            case 'S': Number(parts, static time => time.Second, 2); break;
            case 'j': Number(parts, static time => time.DayOfYear, 3); break;
            case 's': Number(parts, static time => time.ToUnixTimeSeconds(), 1); break;
            case 'T': Sequence(parts, "H:M:S"); break;
            case 'R': Sequence(parts, "H:M"); break;
            case 'F': Sequence(parts, "Y-m-d"); break;
            case 'D': Sequence(parts, "m/d/y"); break;
            case 'a': Name(parts, "ddd"); break;
            case 'A': Name(parts, "dddd"); break;
            case 'b' or 'h': Name(parts, "MMM"); break;
            case 'B': Name(parts, "MMMM"); break;
            case 'z': parts.Add(static (ref Utf8Writer writer, DateTimeOffset time) => WriteOffset(ref writer, time.Offset)); break;
            case 'Z': Name(parts, "'UTC'"); break;
            case '%': Literal(parts, "%"); break;
            case 'n': throw new FormatException("a time format must not print a line end (%n)");
            default: throw new FormatException($"%{letter} is not a time specifier of this proxy");
        }
    }

    private static void Sequence(List<Part> parts, string letters)
    {
        foreach (var c in letters)
        {
            if (char.IsAsciiLetter(c)) Letter(parts, c);
            else Literal(parts, c.ToString());
        }
    }

    private static void WriteOffset(ref Utf8Writer writer, TimeSpan offset)
    {
        writer.Write(offset < TimeSpan.Zero ? (byte)'-' : (byte)'+');
        writer.WritePadded(Math.Abs(offset.Hours), 2);
        writer.WritePadded(Math.Abs(offset.Minutes), 2);
    }

    private Kept Keep(DateTimeOffset local, long second)
    {
        var before = new Utf8Writer(stackalloc byte[KeptBytes]);
        var after = new Utf8Writer(stackalloc byte[KeptBytes]);
        Write(ref before, local, 0, _fraction);
        Write(ref after, local, Math.Min(_fraction + 1, _parts.Length), _parts.Length);
        var isLong = before.Overflowed || after.Overflowed;
        return _kept = isLong ? new Kept(-1, [], []) : new Kept(second, before.Since(0).ToArray(), after.Since(0).ToArray());
    }

    /// <summary>The text of one second, but for its fraction.</summary>
    /// <param name="Second">-1 = the text is too long to be kept.</param>
    private sealed record Kept(long Second, byte[] Before, byte[] After);
}
