using System.Text.Json.Nodes;
using Fairlead.ApiServer.Serving;

namespace Fairlead.ApiServer.Resources;

/// <summary>A label selector: every requirement must hold. Text form as in <c>labelSelector=</c>, object form as in a spec.</summary>
public sealed class LabelSelector
{
    private readonly List<Requirement> requirements = [];

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        Absent,
    }

    public static LabelSelector Everything { get; } = new();

    public bool IsEmpty => requirements.Count == 0;

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in requirements)
        {
            var has = labels.TryGetValue(requirement.Key, out var value);
            var holds = requirement.Operator switch
            {
                Operator.In => has && requirement.Values.Contains(value!),
                Operator.NotIn => !has || !requirement.Values.Contains(value!),
                Operator.Exists => has,
                _ => !has,
            };
            if (!holds)
                return false;
        }
        return true;
    }

    /// <summary><c>a=b,c!=d,e in (x,y),f notin (z),g,!h</c></summary>
    public static LabelSelector Parse(string text)
    {
        var selector = new LabelSelector();
        foreach (var part in Split(text))
            selector.requirements.Add(ParseRequirement(part, text));
        return selector;
    }

    /// <summary><c>matchLabels</c> and <c>matchExpressions</c>; null selects nothing that a caller should act on.</summary>
    public static LabelSelector FromSpec(JsonNode? spec)
    {
        var selector = new LabelSelector();
        foreach (var (key, value) in spec.TextMapAt("matchLabels"))
            selector.requirements.Add(new Requirement(key, Operator.In, [value]));
        foreach (var expression in spec.ObjectsAt("matchExpressions"))
        {
            HashSet<string> values = expression["values"] is JsonArray array ? [.. array.Select(value => value!.ToString())] : [];
            selector.requirements.Add(new Requirement(expression.TextAt("key"), expression.TextAt("operator") switch
            {
                "In" => Operator.In,
                "NotIn" => Operator.NotIn,
                "Exists" => Operator.Exists,
                _ => Operator.Absent,
            }, values));
        }
        return selector;
    }

    /// <summary>What of a spec's selector is no selector (apimachinery, meta/v1/validation: ValidateLabelSelector).</summary>
    public static List<FieldCause> Faults(JsonNode? spec, string path)
    {
        var faults = new List<FieldCause>();
        foreach (var (key, value) in spec.TextMapAt("matchLabels"))
        {
            if (NameRules.LabelKeyFault(key) is { } keyFault)
                faults.Add(FieldCause.Invalid($"{path}.matchLabels", $"\"{key}\"", keyFault));
            if (NameRules.LabelValueFault(value) is { } valueFault)
                faults.Add(FieldCause.Invalid($"{path}.matchLabels", $"\"{value}\"", valueFault));
        }
        var i = 0;
        foreach (var expression in spec.ObjectsAt("matchExpressions"))
        {
            var at = $"{path}.matchExpressions[{i++}]";
            var hasValues = expression["values"] is JsonArray { Count: > 0 };
            var word = expression.TextAt("operator");
            if (word is not ("In" or "NotIn" or "Exists" or "DoesNotExist"))
                faults.Add(FieldCause.Invalid($"{at}.operator", $"\"{word}\"", "not a valid selector operator; use In, NotIn, Exists or DoesNotExist"));
            else if (word is "In" or "NotIn" && !hasValues)
                faults.Add(FieldCause.Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'"));
            else if (word is "Exists" or "DoesNotExist" && hasValues)
                faults.Add(FieldCause.Forbidden($"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
            if (NameRules.LabelKeyFault(expression.TextAt("key")) is { } fault)
                faults.Add(FieldCause.Invalid($"{at}.key", $"\"{expression.TextAt("key")}\"", fault));
        }
        return faults;
    }

    public static LabelSelector FromMap(IReadOnlyDictionary<string, string> labels)
    {
        var selector = new LabelSelector();
        foreach (var (key, value) in labels)
            selector.requirements.Add(new Requirement(key, Operator.In, [value]));
        return selector;
    }

    private static IEnumerable<string> Split(string text)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                if (text[start..i].Trim() is { Length: > 0 } part)
                    yield return part;
                start = i + 1;
            }
            else if (text[i] == '(')
            {
                depth++;
            }
            else if (text[i] == ')')
            {
                depth--;
            }
        }
    }

    private static Requirement ParseRequirement(string part, string whole)
    {
        if (part[0] == '!')
            return new Requirement(Key(part[1..], whole), Operator.Absent, []);
        var open = part.IndexOf('(');
        if (open > 0 && part.EndsWith(')'))
        {
            var words = part[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            HashSet<string> values = [.. part[(open + 1)..^1].Split(',').Select(value => value.Trim())];
            if (words is [var key, "in" or "notin"])
                return new Requirement(Key(key, whole), words[1] == "in" ? Operator.In : Operator.NotIn, values);
            throw Unparsable(whole, part);
        }
        if (part.IndexOf("!=", StringComparison.Ordinal) is var differs and > 0)
            return new Requirement(Key(part[..differs], whole), Operator.NotIn, [Value(part[(differs + 2)..], whole)]);
        if (part.IndexOf('=') is var equals and > 0)
            return new Requirement(Key(part[..equals], whole), Operator.In, [Value(part[(equals + 1)..].TrimStart('='), whole)]);
        return new Requirement(Key(part, whole), Operator.Exists, []);
    }

    private static string Key(string text, string whole)
    {
        var key = text.Trim();
        return NameRules.LabelKeyFault(key) is { } fault ? throw Refusal.BadRequest($"unable to parse requirement: <nil>: Invalid value: \"{key}\": {fault}") : key.Length > 0 ? key : throw Unparsable(whole, text);
    }

    private static string Value(string text, string whole)
    {
        var value = text.Trim();
        return NameRules.LabelValueFault(value) is { } fault
            ? throw Refusal.BadRequest($"unable to parse requirement: values[0][{whole.Split('=', '!')[0]}]: Invalid value: \"{value}\": {fault}")
            : value;
    }

    private static Refusal Unparsable(string whole, string part) =>
        Refusal.BadRequest($"unable to parse requirement: found '{part}' in label selector '{whole}', expected: a=b, a!=b, a in (b,c), a notin (b), a, !a");

    private sealed record Requirement(string Key, Operator Operator, HashSet<string> Values);
}
