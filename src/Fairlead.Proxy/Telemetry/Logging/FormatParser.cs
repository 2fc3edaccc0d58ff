using System.Text;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>
/// Envoy's substitution format: <c>%COMMAND%</c>, <c>%COMMAND(ARGUMENT)%</c>, <c>%COMMAND(ARGUMENT):LENGTH%</c>, <c>%%</c>.
/// </summary>
internal sealed class FormatParser(OperatorTable operators)
{
    /// <summary>Characters of a format string; Istio's default has about 800.</summary>
    public const int MaxFormatLength = 64 * 1024;

    /// <exception cref="FormatException">A '%' has no end, or the command is not known.</exception>
    public FormatOperator[] Parse(string format)
    {
        if (format.Length > MaxFormatLength) throw new FormatException($"the format has {format.Length} characters; at most {MaxFormatLength} are allowed");
        var result = new List<FormatOperator>();
        var literal = new StringBuilder();
        for (var at = 0; at < format.Length;)
        {
            if (format[at] != '%')
            {
                literal.Append(format[at++]);
                continue;
            }
            if (at + 1 < format.Length && format[at + 1] == '%')
            {
                literal.Append('%');
                at += 2;
                continue;
            }
            Flush(literal, result);
            result.Add(Command(format, ref at));
        }
        Flush(literal, result);
        return [.. result];
    }

    private static void Flush(StringBuilder literal, List<FormatOperator> result)
    {
        if (literal.Length == 0) return;
        result.Add(new FormatOperator(Encoding.UTF8.GetBytes(literal.ToString()), default, int.MaxValue, false));
        literal.Clear();
    }

    private FormatOperator Command(string format, ref int at)
    {
        var start = at++;
        while (at < format.Length && (char.IsAsciiLetterUpper(format[at]) || char.IsAsciiDigit(format[at]) || format[at] == '_')) at++;
        var name = format[(start + 1)..at];
        string? argument = null;
        if (at < format.Length && format[at] == '(')
        {
            var close = format.IndexOf(')', at);
            if (close < 0) throw Malformed(format, start, "'(' has no ')'");
            argument = format[(at + 1)..close];
            at = close + 1;
        }
        var length = int.MaxValue;
        if (at < format.Length && format[at] == ':')
        {
            var digits = ++at;
            while (at < format.Length && char.IsAsciiDigit(format[at])) at++;
            if (!int.TryParse(format.AsSpan(digits, at - digits), out length)) throw Malformed(format, start, "':' is not followed by a length");
        }
        if (at == format.Length || format[at] != '%' || name.Length == 0) throw Malformed(format, start, "'%' does not begin a command (write %% for a percent sign)");
        at++;
        return operators.Create(name, argument, length);
    }

    private static FormatException Malformed(string format, int at, string reason) =>
        new($"character {at + 1}, near '{format.AsSpan(at, Math.Min(24, format.Length - at))}': {reason}");
}
