using System.Globalization;
using System.Text;
using System.Text.Json;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Admin;

/// <summary>/clusters in Envoy's line form and as envoy.admin.v3.Clusters.</summary>
internal static class ClusterPage
{
    public static AdminResponse Render(LiveConfiguration live, StatRegistry stats, bool isJson)
    {
        var clusters = live.ActiveClusters.Select(entry => entry.Published).OfType<ClusterSnapshot>()
            .OrderBy(cluster => cluster.Name, StringComparer.Ordinal).ToList();
        if (isJson) return AdminResponse.Json(Json(clusters));
        var text = new StringBuilder();
        foreach (var cluster in clusters) Write(text, cluster, stats);
        return AdminResponse.Text(text.ToString());
    }

    private static void Write(StringBuilder text, ClusterSnapshot cluster, StatRegistry stats)
    {
        var config = cluster.Config;
        Line("observability_name", Encoding.UTF8.GetString(config.StatNameUtf8));
        Limits("default_priority", config.DefaultLimits);
        Limits("high_priority", config.HighLimits);
        Line("added_via_api", config.IsDynamic ? "true" : "false");
        Line("upstream_cx_active", stats.Read(config.Stats, ClusterStats.UpstreamCxActive).ToString(CultureInfo.InvariantCulture));
        Line("upstream_rq_active", stats.Read(config.Stats, ClusterStats.UpstreamRqActive).ToString(CultureInfo.InvariantCulture));
        foreach (var locality in cluster.Endpoints.Localities)
        {
            foreach (var endpoint in locality.Endpoints) WriteEndpoint(text, cluster.Name, locality, endpoint);
        }

        void Limits(string priority, CircuitBreakerLimits limits)
        {
            Line($"{priority}::max_connections", limits.MaxConnections.ToString(CultureInfo.InvariantCulture));
            Line($"{priority}::max_pending_requests", limits.MaxPendingRequests.ToString(CultureInfo.InvariantCulture));
            Line($"{priority}::max_requests", limits.MaxRequests.ToString(CultureInfo.InvariantCulture));
            Line($"{priority}::max_retries", limits.MaxRetries.ToString(CultureInfo.InvariantCulture));
        }

        void Line(string name, string value) => text.Append(cluster.Name).Append("::").Append(name).Append("::").Append(value).Append('\n');
    }

    private static void WriteEndpoint(StringBuilder text, string cluster, LocalityEndpoints locality, Endpoint endpoint)
    {
        Line("health_flags", Health(endpoint));
        Line("hostname", endpoint.Hostname is null ? string.Empty : Encoding.UTF8.GetString(endpoint.Hostname));
        Line("weight", endpoint.Weight.ToString(CultureInfo.InvariantCulture));
        Line("region", locality.Region);
        Line("zone", locality.Zone);
        Line("sub_zone", locality.SubZone);
        Line("canary", "false");
        Line("priority", locality.Priority.ToString(CultureInfo.InvariantCulture));
        Line("success_rate", "-1");

        void Line(string name, string value) =>
            text.Append(cluster).Append("::").Append(endpoint.Address).Append("::").Append(name).Append("::").Append(value).Append('\n');
    }

    private static string Health(Endpoint endpoint) => endpoint.Health switch
    {
        EndpointHealth.Healthy => "healthy",
        EndpointHealth.Degraded => "/degraded_eds_health",
        _ => "/failed_eds_health",
    };

    private static byte[] Json(List<ClusterSnapshot> clusters)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("cluster_statuses");
            foreach (var cluster in clusters)
            {
                writer.WriteStartObject();
                writer.WriteString("name", cluster.Name);
                writer.WriteBoolean("added_via_api", cluster.Config.IsDynamic);
                writer.WriteString("observability_name", cluster.Config.StatNameUtf8);
                writer.WriteStartArray("host_statuses");
                foreach (var locality in cluster.Endpoints.Localities)
                {
                    foreach (var endpoint in locality.Endpoints) WriteHost(writer, locality, endpoint);
                }
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static void WriteHost(Utf8JsonWriter writer, LocalityEndpoints locality, Endpoint endpoint)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("address");
        writer.WriteStartObject("socket_address");
        writer.WriteString("address", endpoint.Address.ToIPAddress().ToString());
        writer.WriteNumber("port_value", endpoint.Address.Port);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("health_status");
        writer.WriteString("eds_health_status", endpoint.Health.ToString().ToUpperInvariant());
        writer.WriteEndObject();
        writer.WriteNumber("weight", endpoint.Weight);
        if (endpoint.Hostname is not null) writer.WriteString("hostname", endpoint.Hostname);
        writer.WriteNumber("priority", locality.Priority);
        writer.WriteEndObject();
    }
}
