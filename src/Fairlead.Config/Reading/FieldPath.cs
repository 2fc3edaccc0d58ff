using System.Globalization;

namespace Fairlead.Config.Reading;

/// <summary>Paths of fields as Kubernetes prints them: <c>spec.ports[0].number</c>, <c>metadata.labels["a.b/c"]</c>.</summary>
public static class FieldPath
{
    /// <summary>One step: a field by name, or an item by index.</summary>
    public readonly record struct Step(string Name, int? Index);

    /// <summary>The path of a field inside <paramref name="parent"/>; names with dots or brackets are quoted.</summary>
    public static string Join(string parent, string name)
    {
        if (name.AsSpan().IndexOfAny('.', '[', '"') >= 0)
            return $"{parent}[\"{name}\"]";
        return parent.Length == 0 ? name : $"{parent}.{name}";
    }

    public static string Join(string parent, int index) => $"{parent}[{index.ToString(CultureInfo.InvariantCulture)}]";

    public static IEnumerable<Step> Steps(string path)
    {
        var at = 0;
        while (at < path.Length)
        {
            if (path[at] == '.')
            {
                at++;
                continue;
            }
            if (path[at] != '[')
            {
                var end = path.AsSpan(at).IndexOfAny('.', '[');
                end = end < 0 ? path.Length : at + end;
                yield return new(path[at..end], null);
                at = end;
                continue;
            }
            var quoted = at + 1 < path.Length && path[at + 1] == '"';
            var close = quoted ? path.IndexOf("\"]", at + 2, StringComparison.Ordinal) : path.IndexOf(']', at);
            if (close < 0)
                yield break;
            if (quoted)
                yield return new(path[(at + 2)..close], null);
            else if (int.TryParse(path.AsSpan((at + 1)..close), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                yield return new("", index);
            at = close + (quoted ? 2 : 1);
        }
    }
}
