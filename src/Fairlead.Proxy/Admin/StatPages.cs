using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Admin;

/// <summary>/stats as text, JSON and in Prometheus' exposition format.</summary>
internal sealed class StatPages(StatRegistry registry, ServerState state)
{
    public AdminResponse Page(AdminRequest request, IReadOnlyCollection<UnknownDestinationTable.Entry> unknown)
    {
        switch (request["format"])
        {
            case "prometheus":
                return Prometheus(request, unknown);
            case "json":
                return Json(request);
            case null or "text":
                return Text(request);
            default:
                return AdminResponse.Text("usage: /stats?format=text|json|prometheus\n", 400);
        }
    }

    public AdminResponse Prometheus(AdminRequest request, IReadOnlyCollection<UnknownDestinationTable.Entry> unknown)
    {
        state.Refresh();
        var filter = Filter(request);
        var usedOnly = request.Query.ContainsKey("usedonly");
        var families = new SortedDictionary<string, PrometheusFamily>(StringComparer.Ordinal);
        foreach (var group in registry.Groups())
        {
            foreach (var (definition, offset) in Definitions(group))
            {
                if (filter is not null && !filter.IsMatch(group.TextPrefix + definition.Name)) continue;
                if (usedOnly && !IsUsed(group, definition, offset)) continue;
                var name = PrometheusFamily.Name(group, definition);
                if (!families.TryGetValue(name, out var family)) families[name] = family = new PrometheusFamily(name, definition.Kind);
                family.Add(registry, group, definition, offset);
            }
        }
        if (unknown.Count > 0 && filter?.IsMatch(UnknownDestinationPage.MetricName) != false)
        {
            families[UnknownDestinationPage.MetricName] = UnknownDestinationPage.Metrics(unknown);
        }
        var text = new StringBuilder();
        foreach (var family in families.Values) family.Write(text);
        return new AdminResponse(200, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static IEnumerable<(StatDefinition Definition, int Offset)> Definitions(StatGroup group)
    {
        var offset = 0;
        foreach (var definition in group.Definitions)
        {
            yield return (definition, offset);
            offset += definition.Slots;
        }
    }

    /// <summary>Linear time: the pattern comes from whoever can reach the port.</summary>
    private static Regex? Filter(AdminRequest request) =>
        request["filter"] is { Length: > 0 } pattern ? new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant) : null;

    private AdminResponse Text(AdminRequest request)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in Values(request)) text.Append(name).Append(": ").Append(value).Append('\n');
        return AdminResponse.Text(text.ToString());
    }

    private AdminResponse Json(AdminRequest request)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("stats");
            foreach (var (name, value) in Values(request))
            {
                writer.WriteStartObject();
                writer.WriteString("name", name);
                if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) writer.WriteNumber("value", number);
                else writer.WriteString("value", value);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return AdminResponse.Json(stream.ToArray());
    }

    private SortedDictionary<string, string> Values(AdminRequest request)
    {
        state.Refresh();
        var filter = Filter(request);
        var usedOnly = request.Query.ContainsKey("usedonly");
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var group in registry.Groups())
        {
            foreach (var (definition, offset) in Definitions(group))
            {
                var name = group.TextPrefix + definition.Name;
                if (filter is not null && !filter.IsMatch(name)) continue;
                if (usedOnly && !IsUsed(group, definition, offset)) continue;
                if (!KindMatches(request["type"], definition.Kind)) continue;
                values[name] = definition.Kind == StatKind.Histogram
                    ? HistogramText.Summarize(registry, group, offset)
                    : registry.Read(group, offset).ToString(CultureInfo.InvariantCulture);
            }
        }
        return values;
    }

    private static bool KindMatches(string? type, StatKind kind) => type switch
    {
        "Counters" => kind == StatKind.Counter,
        "Gauges" => kind == StatKind.Gauge,
        "Histograms" => kind == StatKind.Histogram,
        _ => true,
    };

    private bool IsUsed(StatGroup group, StatDefinition definition, int offset)
    {
        for (var i = 0; i < definition.Slots; i++)
        {
            if (registry.Read(group, offset + i) != 0) return true;
        }
        return false;
    }
}
