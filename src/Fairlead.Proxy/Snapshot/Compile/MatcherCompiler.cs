using Fairlead.Proxy.Routing;
using Proto = Envoy.Config.Route.V3;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>Matchers of strings, headers, query parameters and cookies.</summary>
internal static class MatcherCompiler
{
    public static StringMatcher Text(Envoy.Type.Matcher.V3.StringMatcher? matcher, string path)
    {
        var ignoreCase = matcher?.IgnoreCase ?? false;
        return matcher?.MatchPatternCase switch
        {
            Envoy.Type.Matcher.V3.StringMatcher.MatchPatternOneofCase.Exact => StringMatcher.Exact(matcher.Exact, ignoreCase),
            Envoy.Type.Matcher.V3.StringMatcher.MatchPatternOneofCase.Prefix => StringMatcher.Prefix(matcher.Prefix, ignoreCase),
            Envoy.Type.Matcher.V3.StringMatcher.MatchPatternOneofCase.Suffix => StringMatcher.Suffix(matcher.Suffix, ignoreCase),
            Envoy.Type.Matcher.V3.StringMatcher.MatchPatternOneofCase.Contains => StringMatcher.Contains(matcher.Contains, ignoreCase),
            Envoy.Type.Matcher.V3.StringMatcher.MatchPatternOneofCase.SafeRegex => StringMatcher.Matching(Regex(matcher.SafeRegex, path)),
            _ => throw new ConfigException(path, "expected exact, prefix, suffix, contains or safe_regex"),
        };
    }

    /// <summary>Of the whole text.</summary>
    public static System.Text.RegularExpressions.Regex Regex(Envoy.Type.Matcher.V3.RegexMatcher? matcher, string path) =>
        Guard(() => LinearRegex.WholeText(matcher?.Regex ?? string.Empty), path + ".regex");

    public static (System.Text.RegularExpressions.Regex Pattern, string Substitution) Substitute(
        Envoy.Type.Matcher.V3.RegexMatchAndSubstitute rewrite, string path) =>
        (Guard(() => LinearRegex.Anywhere(rewrite.Pattern?.Regex ?? string.Empty), path + ".pattern.regex"), LinearRegex.Substitution(rewrite.Substitution));

    public static HeaderMatcher Header(Proto.HeaderMatcher matcher, string path)
    {
        if (matcher.Name.Length == 0) throw new ConfigException(path + ".name", "is empty");
        var value = matcher.HeaderMatchSpecifierCase switch
        {
            Proto.HeaderMatcher.HeaderMatchSpecifierOneofCase.StringMatch => Text(matcher.StringMatch, path + ".string_match"),
            Proto.HeaderMatcher.HeaderMatchSpecifierOneofCase.ExactMatch => StringMatcher.Exact(matcher.ExactMatch),
            Proto.HeaderMatcher.HeaderMatchSpecifierOneofCase.PrefixMatch => StringMatcher.Prefix(matcher.PrefixMatch),
            Proto.HeaderMatcher.HeaderMatchSpecifierOneofCase.SuffixMatch => StringMatcher.Suffix(matcher.SuffixMatch),
            Proto.HeaderMatcher.HeaderMatchSpecifierOneofCase.ContainsMatch => StringMatcher.Contains(matcher.ContainsMatch),
            Proto.HeaderMatcher.HeaderMatchSpecifierOneofCase.SafeRegexMatch => StringMatcher.Matching(Regex(matcher.SafeRegexMatch, path + ".safe_regex_match")),
            _ => null,
        };
        return new HeaderMatcher
        {
            Name = ProtoValues.Lower(matcher.Name),
            Value = value,
            Range = matcher.RangeMatch is null ? null : (matcher.RangeMatch.Start, matcher.RangeMatch.End),
            Present = matcher.HeaderMatchSpecifierCase != Proto.HeaderMatcher.HeaderMatchSpecifierOneofCase.PresentMatch || matcher.PresentMatch,
            Invert = matcher.InvertMatch,
            TreatMissingAsEmpty = matcher.TreatMissingHeaderAsEmpty,
        };
    }

    public static List<HeaderMatcher> Headers(IReadOnlyList<Proto.HeaderMatcher> matchers, string path)
    {
        var result = new List<HeaderMatcher>(matchers.Count);
        for (var i = 0; i < matchers.Count; i++) result.Add(Header(matchers[i], $"{path}[{i}]"));
        return result;
    }

    public static QueryParameterMatcher Query(Proto.QueryParameterMatcher matcher, string path) => new()
    {
        Name = System.Text.Encoding.UTF8.GetBytes(matcher.Name),
        Value = matcher.StringMatch is null ? null : Text(matcher.StringMatch, path + ".string_match"),
    };

    public static CookieMatcher Cookie(Proto.CookieMatcher matcher, string path) => new()
    {
        Name = System.Text.Encoding.UTF8.GetBytes(matcher.Name),
        Value = Text(matcher.StringMatch, path + ".string_match"),
        Invert = matcher.InvertMatch,
    };

    private static T Guard<T>(Func<T> make, string path)
    {
        try
        {
            return make();
        }
        catch (ArgumentException e)
        {
            throw new ConfigException(path, e.Message);
        }
    }
}
