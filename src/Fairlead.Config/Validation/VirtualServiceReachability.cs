using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>Rule 29 of Istio's webhook: rules and matches that can never be reached (IST0130, IST0131).</summary>
internal static class VirtualServiceReachability
{
    /// <summary>Matches compared with earlier ones, at the most: the comparison is quadratic.</summary>
    private const int MostMatches = 400;

    public static void Check(Report report, Field spec)
    {
        foreach (var list in (ReadOnlySpan<string>)["http", "tls", "tcp"])
            Rules(report, spec[list], isHttp: list == "http");
    }

    private static void Rules(Report report, Field rules, bool isHttp)
    {
        Field? open = null;
        var earlier = new List<(Field Field, HttpMatch Match)>();
        foreach (var rule in rules.Items.Where(rule => rule.IsObject))
        {
            var name = rule["name"].Text is { Length: > 0 } text ? text : rule.Path;
            if (open is { } before)
            {
                var message = rule["match"].Count == 0
                    ? $"virtualService rule {name} not used (only the last rule can have no matches)"
                    : $"virtualService rule {name} not used (it follows {before.Path}, which takes every request)";
                report.Warn(rule, message, $"move {rule.Path} before {before.Path}, or remove it", Codes.UnreachableRule);
                continue;
            }
            var useless = 0;
            foreach (var match in rule["match"].Items.Where(match => match.IsObject))
            {
                if (Shadow(earlier, match, isHttp) is { } shadow)
                {
                    useless++;
                    report.Info(match, $"virtualService match {match.Path} of rule {name} is not used (it is covered by {shadow.Path})", "put the narrower match first, or remove it", Codes.IneffectiveMatch);
                }
                if (earlier.Count < MostMatches)
                    earlier.Add((match, HttpMatch.Read((JsonObject)match.Node!)));
            }
            if (useless > 0 && useless == rule["match"].Count)
                report.Warn(rule, $"virtualService rule {name} not used (all its matches are covered by earlier rules)", "put the narrower rule first, or remove it", Codes.UnreachableRule);
            if (rule["match"].Count == 0 || (isHttp && rule["match"].Items.Any(match => match.Node is JsonObject node && HttpMatch.Read(node).IsCatchAll)))
                open = rule;
        }
    }

    private static Field? Shadow(List<(Field Field, HttpMatch Match)> earlier, Field match, bool isHttp)
    {
        var read = HttpMatch.Read((JsonObject)match.Node!);
        foreach (var (field, other) in earlier)
        {
            if (JsonNode.DeepEquals(Unnamed(field.Node!), Unnamed(match.Node!)) || (isHttp && CoversByPrefix(other, read)))
                return field;
        }
        return null;
    }

    private static JsonNode Unnamed(JsonNode node)
    {
        if (node is not JsonObject fields || (!fields.ContainsKey("name") && !fields.ContainsKey("statPrefix")))
            return node;
        var copy = (JsonObject)fields.DeepClone();
        copy.Remove("name");
        copy.Remove("statPrefix");
        return copy;
    }

    // The earlier one has a prefix of the later one's path and asks for nothing that the later one does not ask for.
    private static bool CoversByPrefix(HttpMatch earlier, HttpMatch later)
    {
        if (earlier.Uri is not { Kind: StringMatchKind.Prefix } prefix || later.Uri is not { Kind: StringMatchKind.Prefix or StringMatchKind.Exact } uri)
            return false;
        if (later.IgnoreUriCase && !earlier.IgnoreUriCase)
            return false;
        var comparison = earlier.IgnoreUriCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return uri.Value.StartsWith(prefix.Value, comparison)
            && Implied(earlier.Scheme, later.Scheme) && Implied(earlier.Method, later.Method) && Implied(earlier.Authority, later.Authority)
            && Implied(earlier.Headers, later.Headers) && Implied(earlier.WithoutHeaders, later.WithoutHeaders) && Implied(earlier.QueryParams, later.QueryParams)
            && (earlier.Port == 0 || earlier.Port == later.Port)
            && (earlier.SourceNamespace.Length == 0 || earlier.SourceNamespace == later.SourceNamespace)
            && earlier.SourceLabels.All(label => later.SourceLabels.TryGetValue(label.Key, out var value) && value == label.Value)
            && (earlier.Gateways.Count == 0 || (later.Gateways.Count > 0 && later.Gateways.All(earlier.Gateways.Contains)));
    }

    private static bool Implied(StringMatch? earlier, StringMatch? later) => earlier is null || earlier == later;

    private static bool Implied(ValueMap<StringMatch> earlier, ValueMap<StringMatch> later) =>
        earlier.All(match => later.TryGetValue(match.Key, out var other) && other == match.Value);
}
