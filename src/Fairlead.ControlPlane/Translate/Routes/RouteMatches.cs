using Envoy.Config.Route.V3;
using Envoy.Type.Matcher.V3;
using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Translate.Routes;

/// <summary>Conditions of a rule on the wire.</summary>
internal static class RouteMatches
{
    public static RouteMatch Build(HttpMatch? match)
    {
        var made = new RouteMatch();
        if (match is null)
        {
            made.Prefix = "/";
            return made;
        }

        SetPath(made, match.Uri);
        made.CaseSensitive = !match.IgnoreUriCase;
        foreach (var (name, condition) in match.Headers)
            made.Headers.Add(Header(name, condition));
        foreach (var (name, condition) in match.WithoutHeaders)
            made.Headers.Add(WithoutHeader(name, condition));
        if (match.Method is { } method)
            made.Headers.Add(Header(":method", method));
        if (match.Authority is { } authority)
            made.Headers.Add(Header(":authority", authority));
        if (match.Scheme is { } scheme)
            made.Headers.Add(Header(":scheme", scheme));
        foreach (var (name, condition) in match.QueryParams)
            made.QueryParameters.Add(QueryParameter(name, condition));
        return made;
    }

    private static void SetPath(RouteMatch made, StringMatch? uri)
    {
        switch (uri?.Kind)
        {
            case StringMatchKind.Exact:
                made.Path = uri.Value;
                break;
            case StringMatchKind.Prefix:
                made.Prefix = uri.Value;
                break;
            case StringMatchKind.Regex:
                made.SafeRegex = new RegexMatcher { Regex = uri.Value };
                break;
            default:
                made.Prefix = "/";
                break;
        }
    }

    private static HeaderMatcher Header(string name, StringMatch condition)
    {
        var made = new HeaderMatcher { Name = name };
        if (IsPresence(condition))
            made.PresentMatch = true;
        else
            made.StringMatch = Text(condition);
        return made;
    }

    /// <summary>A header that is missing is as good as an empty one, unless it must not be there at all.</summary>
    private static HeaderMatcher WithoutHeader(string name, StringMatch condition)
    {
        var made = Header(name, condition);
        made.InvertMatch = true;
        made.TreatMissingHeaderAsEmpty = !IsPresence(condition);
        return made;
    }

    private static QueryParameterMatcher QueryParameter(string name, StringMatch condition)
    {
        var made = new QueryParameterMatcher { Name = name };
        if (IsPresence(condition))
            made.PresentMatch = true;
        else
            made.StringMatch = Text(condition);
        return made;
    }

    private static bool IsPresence(StringMatch condition) =>
        condition.Kind == StringMatchKind.Present || condition is { Kind: StringMatchKind.Regex, Value: "*" };

    private static StringMatcher Text(StringMatch condition) => condition.Kind switch
    {
        StringMatchKind.Prefix => new StringMatcher { Prefix = condition.Value },
        StringMatchKind.Regex => new StringMatcher { SafeRegex = new RegexMatcher { Regex = condition.Value } },
        _ => new StringMatcher { Exact = condition.Value },
    };
}
