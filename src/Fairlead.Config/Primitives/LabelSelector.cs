using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.Config.Primitives;

/// <summary>How one requirement of a selector compares.</summary>
public enum SelectorOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// <summary>One requirement: <paramref name="Key"/> compared with <paramref name="Values"/> (empty for the existence operators).</summary>
public sealed record SelectorRequirement(string Key, SelectorOperator Operator, ValueList<string> Values)
{
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var present = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            SelectorOperator.In => present && Values.Contains(value!),
            SelectorOperator.NotIn => !present || !Values.Contains(value!),
            SelectorOperator.Exists => present,
            _ => !present,
        };
    }
}

/// <summary>A Kubernetes label selector: all requirements must hold; without any, everything matches.</summary>
public sealed record LabelSelector(ValueList<SelectorRequirement> Requirements)
{
    public static LabelSelector Everything { get; } = new(ValueList<SelectorRequirement>.Empty);

    public bool IsEmpty => Requirements.Count == 0;

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in Requirements.AsSpan())
        {
            if (!requirement.Matches(labels))
                return false;
        }
        return true;
    }

    /// <summary>A selector that wants each of <paramref name="labels"/> with its value.</summary>
    public static LabelSelector OfLabels(IEnumerable<KeyValuePair<string, string>> labels) =>
        new(labels.Select(label => new SelectorRequirement(label.Key, SelectorOperator.In, [label.Value])).ToValueList());

    /// <summary>The object form, <c>matchLabels</c> and <c>matchExpressions</c>; null when <paramref name="node"/> is not an object.</summary>
    public static LabelSelector? Read(JsonNode? node)
    {
        if (node is not JsonObject selector)
            return null;
        var requirements = selector.TextMap("matchLabels").Select(label => new SelectorRequirement(label.Key, SelectorOperator.In, [label.Value]))
            .Concat(selector.List("matchExpressions", item => new SelectorRequirement(
                item.Text("key"),
                item.Text("operator") switch
                {
                    "NotIn" => SelectorOperator.NotIn,
                    "Exists" => SelectorOperator.Exists,
                    "DoesNotExist" => SelectorOperator.DoesNotExist,
                    _ => SelectorOperator.In,
                },
                item.TextList("values"))));
        return new(requirements.ToValueList());
    }

    /// <summary>
    /// The query form of <c>?labelSelector=</c>: comma-separated <c>k=v</c>, <c>k==v</c>, <c>k!=v</c>, <c>k in (a,b)</c>,
    /// <c>k notin (a,b)</c>, <c>k</c>, <c>!k</c>. Empty text selects everything.
    /// </summary>
    public static bool TryParse(string text, out LabelSelector selector)
    {
        selector = Everything;
        var requirements = new List<SelectorRequirement>();
        foreach (var part in SplitOutsideParentheses(text))
        {
            var term = part.Trim();
            if (term.Length == 0)
            {
                if (text.Trim().Length == 0)
                    return true;
                return false;
            }
            if (ParseTerm(term) is not { } requirement || requirement.Key.Length == 0 || requirement.Key.Contains(' ', StringComparison.Ordinal))
                return false;
            requirements.Add(requirement);
        }
        selector = new(requirements.ToValueList());
        return true;
    }

    public override string ToString() => string.Join(",", Requirements.Select(Print));

    private static string Print(SelectorRequirement requirement) => requirement.Operator switch
    {
        SelectorOperator.Exists => requirement.Key,
        SelectorOperator.DoesNotExist => "!" + requirement.Key,
        SelectorOperator.In when requirement.Values.Count == 1 => $"{requirement.Key}={requirement.Values[0]}",
        SelectorOperator.In => $"{requirement.Key} in ({string.Join(",", requirement.Values)})",
        _ => $"{requirement.Key} notin ({string.Join(",", requirement.Values)})",
    };

    private static SelectorRequirement? ParseTerm(string term)
    {
        if (term[0] == '!' && !term.Contains('=', StringComparison.Ordinal))
            return new(term[1..].Trim(), SelectorOperator.DoesNotExist, []);
        if (term.EndsWith(')'))
            return ParseSet(term);
        var unequal = term.IndexOf("!=", StringComparison.Ordinal);
        if (unequal > 0)
            return new(term[..unequal].Trim(), SelectorOperator.NotIn, [term[(unequal + 2)..].Trim()]);
        var equal = term.IndexOf('=', StringComparison.Ordinal);
        if (equal > 0)
        {
            var value = term[(equal + 1)..];
            return new(term[..equal].Trim(), SelectorOperator.In, [(value.StartsWith('=') ? value[1..] : value).Trim()]);
        }
        return equal == 0 ? null : new(term, SelectorOperator.Exists, []);
    }

    private static SelectorRequirement? ParseSet(string term)
    {
        var open = term.IndexOf('(', StringComparison.Ordinal);
        if (open < 0)
            return null;
        var head = term[..open].TrimEnd().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (head.Length != 2 || head[1] is not ("in" or "notin"))
            return null;
        var values = term[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries);
        return new(head[0], head[1] == "in" ? SelectorOperator.In : SelectorOperator.NotIn, values.ToValueList());
    }

    private static IEnumerable<string> SplitOutsideParentheses(string text)
    {
        var start = 0;
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[i] != ',' || depth > 0)
                continue;
            yield return text[start..i];
            start = i + 1;
        }
        yield return text[start..];
    }
}
