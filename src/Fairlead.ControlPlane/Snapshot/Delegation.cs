using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// Rules that hand their routes to another VirtualService (Istio, <c>model/virtualservice.go</c>): one level, HTTP only. A delegate's
/// match must narrow the root's; what the delegate does not say it takes from the root.
/// </summary>
public static class Delegation
{
    /// <summary>One root rule and the delegate's rules as they apply under it; rules whose matches cannot both hold are left out.</summary>
    public static IEnumerable<HttpRoute> Merge(HttpRoute root, ValueList<HttpRoute> delegated)
    {
        foreach (var rule in delegated)
        {
            var match = Narrow(root.Match, rule.Match);
            if (match is null)
                continue;
            yield return rule with
            {
                Name = string.Join("-", new[] { root.Name, rule.Name }.Where(name => name.Length > 0)),
                Match = match,
                Delegate = null,
                Rewrite = rule.Rewrite ?? root.Rewrite,
                DirectResponse = rule.DirectResponse ?? root.DirectResponse,
                Timeout = rule.Timeout ?? root.Timeout,
                Retries = rule.Retries ?? root.Retries,
                Fault = rule.Fault ?? root.Fault,
                Mirrors = rule.Mirrors.Count > 0 ? rule.Mirrors : root.Mirrors,
                CorsPolicy = rule.CorsPolicy ?? root.CorsPolicy,
                Headers = rule.Headers == HeaderOperations.None ? root.Headers : rule.Headers,
            };
        }
    }

    /// <summary>Null when no pair of alternatives can hold together.</summary>
    private static ValueList<HttpMatch>? Narrow(ValueList<HttpMatch> root, ValueList<HttpMatch> leaf)
    {
        if (root.Count == 0)
            return leaf;
        if (leaf.Count == 0)
            return root;
        var merged = new List<HttpMatch>();
        foreach (var inner in leaf)
        {
            foreach (var outer in root)
            {
                if (IsWithin(inner, outer))
                    merged.Add(Both(outer, inner));
            }
        }

        return merged.Count > 0 ? merged.ToValueList() : null;
    }

    private static HttpMatch Both(HttpMatch outer, HttpMatch inner) => inner with
    {
        Name = string.Join("-", new[] { outer.Name, inner.Name }.Where(name => name.Length > 0)),
        Uri = inner.Uri ?? outer.Uri,
        IgnoreUriCase = inner.IgnoreUriCase || outer.IgnoreUriCase,
        Scheme = inner.Scheme ?? outer.Scheme,
        Method = inner.Method ?? outer.Method,
        Authority = inner.Authority ?? outer.Authority,
        Headers = outer.Headers.Concat(inner.Headers).ToValueMap(),
        WithoutHeaders = outer.WithoutHeaders.Concat(inner.WithoutHeaders).ToValueMap(),
        QueryParams = outer.QueryParams.Concat(inner.QueryParams).ToValueMap(),
        Port = inner.Port != 0 ? inner.Port : outer.Port,
        SourceLabels = outer.SourceLabels.Concat(inner.SourceLabels).ToValueMap(),
        SourceNamespace = inner.SourceNamespace.Length > 0 ? inner.SourceNamespace : outer.SourceNamespace,
        Gateways = inner.Gateways.Count > 0 ? inner.Gateways : outer.Gateways,
        StatPrefix = inner.StatPrefix.Length > 0 ? inner.StatPrefix : outer.StatPrefix,
    };

    private static bool IsWithin(HttpMatch inner, HttpMatch outer) =>
        IsWithin(inner.Uri, outer.Uri)
        && IsWithin(inner.Scheme, outer.Scheme)
        && IsWithin(inner.Method, outer.Method)
        && IsWithin(inner.Authority, outer.Authority)
        && IsWithin(inner.Headers, outer.Headers)
        && IsWithin(inner.WithoutHeaders, outer.WithoutHeaders)
        && IsWithin(inner.QueryParams, outer.QueryParams)
        && inner.IgnoreUriCase == outer.IgnoreUriCase
        && (inner.Port == 0 || outer.Port == 0 || inner.Port == outer.Port)
        && (inner.SourceNamespace.Length == 0 || outer.SourceNamespace.Length == 0 || inner.SourceNamespace == outer.SourceNamespace)
        && (outer.Gateways.Count == 0 || inner.Gateways.All(gateway => outer.Gateways.Contains(gateway)))
        && outer.SourceLabels.All(label => !inner.SourceLabels.TryGetValue(label.Key, out var value) || value == label.Value);

    private static bool IsWithin(ValueMap<StringMatch> inner, ValueMap<StringMatch> outer) =>
        outer.All(entry => !inner.TryGetValue(entry.Key, out var match) || IsWithin(match, entry.Value));

    /// <summary>Regexes are never compared: nobody can tell whether one is within another.</summary>
    private static bool IsWithin(StringMatch? inner, StringMatch? outer)
    {
        if (inner is null || outer is null)
            return true;
        return outer.Kind switch
        {
            StringMatchKind.Exact => inner.Kind == StringMatchKind.Exact && inner.Value == outer.Value,
            StringMatchKind.Prefix => inner.Kind is StringMatchKind.Exact or StringMatchKind.Prefix
                && inner.Value.StartsWith(outer.Value, StringComparison.Ordinal),
            StringMatchKind.Present => true,
            _ => false,
        };
    }
}
