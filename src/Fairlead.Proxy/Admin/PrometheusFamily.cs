using System.Globalization;
using System.Text;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Admin;

/// <summary>One metric name with its lines (Prometheus text format 0.0.4, Envoy's rules of naming).</summary>
internal sealed class PrometheusFamily(string name, StatKind kind)
{
    private readonly List<string> _lines = [];

    /// <summary>"envoy_" + extracted name with everything but letters, digits and '_' as '_'; custom namespaces stay bare.</summary>
    public static string Name(StatGroup group, StatDefinition definition)
    {
        var raw = group.PrometheusPrefix + (definition.PrometheusName ?? definition.Name);
        var text = new StringBuilder(group.IsCustomNamespace ? string.Empty : "envoy_");
        foreach (var c in raw) text.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
        return text.ToString();
    }

    /// <param name="tags">Written: <c>a="1",b="2"</c>.</param>
    /// <param name="value">What was counted.</param>
    public void Add(string tags, long value) => _lines.Add($"{name}{{{tags}}} {value.ToString(CultureInfo.InvariantCulture)}");

    public void Add(StatRegistry registry, StatGroup group, StatDefinition definition, int offset)
    {
        var tags = Tags(group, definition);
        if (kind != StatKind.Histogram)
        {
            Add(tags, registry.Read(group, offset));
            return;
        }
        var separator = tags.Length > 0 ? "," : string.Empty;
        var lines = new StringBuilder();
        var cumulative = 0L;
        for (var i = 0; i < HistogramLayout.Bounds.Length; i++)
        {
            cumulative += registry.Read(group, offset + i);
            var bound = HistogramLayout.Bounds[i].ToString(CultureInfo.InvariantCulture);
            lines.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{tags}{separator}le=\"{bound}\"}} {cumulative}\n");
        }
        cumulative += registry.Read(group, offset + HistogramLayout.Bounds.Length);
        lines.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{tags}{separator}le=\"+Inf\"}} {cumulative}\n");
        lines.Append(CultureInfo.InvariantCulture, $"{name}_sum{{{tags}}} {registry.Read(group, offset + HistogramLayout.SumOffset)}\n");
        lines.Append(CultureInfo.InvariantCulture, $"{name}_count{{{tags}}} {cumulative}");
        _lines.Add(lines.ToString());
    }

    public void Write(StringBuilder text)
    {
        text.Append("# TYPE ").Append(name).Append(' ').Append(kind.ToString().ToLowerInvariant()).Append('\n');
        _lines.Sort(StringComparer.Ordinal);
        foreach (var line in _lines) text.Append(line).Append('\n');
    }

    /// <summary>A tag's value as it stands between quotes.</summary>
    public static string Escaped(string value) => value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");

    private static string Tags(StatGroup group, StatDefinition definition)
    {
        var text = new StringBuilder();
        foreach (var tag in definition.Tag is { } own ? group.Tags.Prepend(own) : group.Tags)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(tag.Name).Append("=\"").Append(Escaped(tag.Value)).Append('"');
        }
        return text.ToString();
    }
}
