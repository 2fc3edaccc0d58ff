using System.Globalization;
using System.Text.Json;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Admin;

/// <summary>/unknown_destinations: what went to destinations that no configuration names, most recently seen first.</summary>
internal static class UnknownDestinationPage
{
    public const string MetricName = "fairlead_unknown_destinations_total";

    /// <summary>Joins the workers' tables: equal destinations add up, the most recent stay.</summary>
    public static List<UnknownDestinationTable.Entry> Merge(IEnumerable<UnknownDestinationTable.Entry> entries)
    {
        var merged = new List<UnknownDestinationTable.Entry>();
        foreach (var group in entries.GroupBy(entry => (entry.Host, entry.Address, entry.Protocol, entry.IsBlocked)))
        {
            var first = group.MinBy(entry => entry.FirstSeen)!.Copy();
            first.LastSeen = group.Max(entry => entry.LastSeen);
            first.Count = group.Sum(entry => entry.Count);
            merged.Add(first);
        }
        return [.. merged.OrderByDescending(entry => entry.LastSeen).Take(UnknownDestinationTable.Capacity)];
    }

    /// <summary>
    /// The same for Prometheus, by host (the address where none was seen), protocol and whether it was blocked: as many series as the table has
    /// entries at most. A destination that leaves the table takes its series with it.
    /// </summary>
    public static PrometheusFamily Metrics(IEnumerable<UnknownDestinationTable.Entry> entries)
    {
        var family = new PrometheusFamily(MetricName, StatKind.Counter);
        foreach (var series in entries.GroupBy(Tags, StringComparer.Ordinal)) family.Add(series.Key, series.Sum(entry => entry.Count));
        return family;
    }

    private static string Tags(UnknownDestinationTable.Entry entry)
    {
        var destination = entry.Host.Length > 0 ? entry.Host : entry.Address.ToString();
        return $"destination=\"{PrometheusFamily.Escaped(destination)}\",protocol=\"{Name(entry.Protocol)}\",blocked=\"{(entry.IsBlocked ? "true" : "false")}\"";
    }

    private static string Name(UnknownDestinationTable.DestinationProtocol protocol) => protocol.ToString().ToLowerInvariant();

    public static byte[] Render(IEnumerable<UnknownDestinationTable.Entry> entries)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("destinations");
            foreach (var entry in entries)
            {
                writer.WriteStartObject();
                writer.WriteString("host", entry.Host);
                writer.WriteString("address", entry.Address.IsSet ? entry.Address.ToString() : string.Empty);
                writer.WriteString("protocol", Name(entry.Protocol));
                writer.WriteBoolean("blocked", entry.IsBlocked);
                writer.WriteNumber("count", entry.Count);
                writer.WriteString("first_seen", entry.FirstSeen.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                writer.WriteString("last_seen", entry.LastSeen.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }
}
