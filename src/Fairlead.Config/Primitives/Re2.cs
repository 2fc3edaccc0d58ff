using System.Text;
using System.Text.RegularExpressions;

namespace Fairlead.Config.Primitives;

/// <summary>Whether a text is a regular expression that Envoy's RE2 takes. Checked with the engine of .NET that, like RE2, never backtracks.</summary>
public static class Re2
{
    /// <summary>Istio refuses longer ones: the compiled program grows with the text.</summary>
    public const int LongestPattern = 1024;

    /// <summary>What is wrong with the pattern; null when nothing is.</summary>
    public static string? Fault(string pattern)
    {
        if (pattern.Length > LongestPattern)
            return $"regex is too large, max length allowed is {LongestPattern}";
        try
        {
            _ = new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return null;
        }
        catch (ArgumentException fault)
        {
            return "invalid regex: " + FirstLine(fault.Message);
        }
        catch (NotSupportedException)
        {
            return "invalid regex: look-around, back-references and atomic groups are not supported by RE2";
        }
    }

    // RE2 writes named groups (?P<n>), one-letter classes \pL, and the end of text \z where .NET agrees.
    private static string Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length);
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern.AsSpan(i).StartsWith("(?P<", StringComparison.Ordinal))
            {
                text.Append("(?<");
                i += 3;
            }
            else if (pattern[i] == '\\' && i + 2 < pattern.Length && pattern[i + 1] is 'p' or 'P' && pattern[i + 2] != '{')
            {
                text.Append('\\').Append(pattern[i + 1]).Append('{').Append(pattern[i + 2]).Append('}');
                i += 2;
            }
            else if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                text.Append(pattern, i, 2);
                i++;
            }
            else
            {
                text.Append(pattern[i]);
            }
        }
        return text.ToString();
    }

    private static string FirstLine(string message)
    {
        var at = message.IndexOf(" at offset", StringComparison.Ordinal);
        return at < 0 ? message : message[at..].TrimStart();
    }
}
