using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Fairlead.Proxy.Routing;

/// <summary>
/// Regular expressions in time linear in the text (RE2's promise, .NET's non-backtracking engine): a hostile pattern or path
/// cannot stall a loop. RE2's syntax and .NET's agree on what routes use; what .NET cannot run without backtracking is refused.
/// </summary>
internal static class LinearRegex
{
    /// <summary>Characters of a pattern. Istio's longest generated ones have a few hundred; automata grow with the square.</summary>
    public const int MaxPatternLength = 4096;

    private const int StackChars = 512;

    /// <summary>Matches only the whole text, as Envoy's safe_regex does.</summary>
    /// <exception cref="ArgumentException">The pattern is not a regular expression, too long, or needs backtracking.</exception>
    public static Regex WholeText(string pattern) => Create($@"\A(?:{Checked(pattern)})\z");

    /// <summary>Finds the pattern anywhere, for substitutions.</summary>
    /// <exception cref="ArgumentException">As for <see cref="WholeText"/>.</exception>
    public static Regex Anywhere(string pattern) => Create(Checked(pattern));

    /// <summary>RE2's <c>\1</c> to .NET's <c>${1}</c>; <c>$</c> is literal in RE2.</summary>
    public static string Substitution(string re2)
    {
        var result = new StringBuilder();
        for (var i = 0; i < re2.Length; i++)
        {
            if (re2[i] == '$') result.Append("$$");
            else if (re2[i] != '\\' || i + 1 == re2.Length) result.Append(re2[i]);
            else if (char.IsAsciiDigit(re2[++i])) result.Append("${").Append(re2[i]).Append('}');
            else result.Append(re2[i]);
        }
        return result.ToString();
    }

    public static bool IsMatch(Regex regex, ReadOnlySpan<byte> text)
    {
        if (text.Length <= StackChars)
        {
            Span<char> chars = stackalloc char[StackChars];
            return regex.IsMatch(chars[..Encoding.UTF8.GetChars(text, chars)]);
        }
        var rented = ArrayPool<char>.Shared.Rent(text.Length);
        var result = regex.IsMatch(rented.AsSpan(0, Encoding.UTF8.GetChars(text, rented)));
        ArrayPool<char>.Shared.Return(rented);
        return result;
    }

    private static string Checked(string pattern) => pattern.Length <= MaxPatternLength
        ? pattern
        : throw new ArgumentException($"the pattern has {pattern.Length} characters; at most {MaxPatternLength} are allowed");

    private static Regex Create(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException e)
        {
            throw new ArgumentException($"the pattern cannot run in linear time: {e.Message}", e);
        }
    }
}
