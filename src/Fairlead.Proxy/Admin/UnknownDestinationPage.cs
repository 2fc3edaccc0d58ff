using System.Globalization;
using System.Text.Json;
using Fairlead.Proxy.Telemetry;

namespace Fairlead.Proxy.Admin;

/// <summary>/unknown_destinations: what went to destinations that no configuration names, most recently seen first.</summary>
internal static class UnknownDestinationPage
{
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
                writer.WriteString("protocol", entry.Protocol.ToString().ToLowerInvariant());
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
