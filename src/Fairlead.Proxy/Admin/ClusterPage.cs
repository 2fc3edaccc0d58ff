using System.Globalization;
using System.Text;
using System.Text.Json;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Admin;

/// <summary>/clusters in Envoy's line form and as envoy.admin.v3.Clusters.</summary>
internal static class ClusterPage
{
    private static readonly LocalityEndpoints Nowhere = new(string.Empty, string.Empty, string.Empty, 0, 0, []);

    /// <param name="live">The clusters.</param>
    /// <param name="stats">Their statistics.</param>
    /// <param name="counts">The statistics of each endpoint; also of those that no configuration lists (ORIGINAL_DST).</param>
    /// <param name="isJson">envoy.admin.v3.Clusters instead of lines.</param>
    public static AdminResponse Render(
        LiveConfiguration live, StatRegistry stats, Dictionary<(string Cluster, IpEndpoint Address), HostCounts> counts, bool isJson)
    {
        var clusters = live.ActiveClusters.Select(entry => entry.Published).OfType<ClusterSnapshot>()
            .OrderBy(cluster => cluster.Name, StringComparer.Ordinal).ToList();
        if (isJson) return AdminResponse.Json(Json(clusters, counts));
        var text = new StringBuilder();
        foreach (var cluster in clusters) Write(text, cluster, stats, counts);
        return AdminResponse.Text(text.ToString());
    }

    private static void Write(
        StringBuilder text, ClusterSnapshot cluster, StatRegistry stats, Dictionary<(string Cluster, IpEndpoint Address), HostCounts> counts)
    {
        var config = cluster.Config;
        Line("observability_name", Encoding.UTF8.GetString(config.StatNameUtf8));
        Limits("default_priority", config.DefaultLimits);
        Limits("high_priority", config.HighLimits);
        Line("added_via_api", config.IsDynamic ? "true" : "false");
        Line("upstream_cx_active", stats.Read(config.Stats, ClusterStats.UpstreamCxActive).ToString(CultureInfo.InvariantCulture));
        Line("upstream_rq_active", stats.Read(config.Stats, ClusterStats.UpstreamRqActive).ToString(CultureInfo.InvariantCulture));
        foreach (var (locality, endpoint) in Endpoints(cluster, counts))
            WriteEndpoint(text, cluster.Name, locality, endpoint, counts.GetValueOrDefault((cluster.Name, endpoint.Address)));

        void Limits(string priority, CircuitBreakerLimits limits)
        {
            Line($"{priority}::max_connections", limits.MaxConnections.ToString(CultureInfo.InvariantCulture));
            Line($"{priority}::max_pending_requests", limits.MaxPendingRequests.ToString(CultureInfo.InvariantCulture));
            Line($"{priority}::max_requests", limits.MaxRequests.ToString(CultureInfo.InvariantCulture));
            Line($"{priority}::max_retries", limits.MaxRetries.ToString(CultureInfo.InvariantCulture));
        }

        void Line(string name, string value) => text.Append(cluster.Name).Append("::").Append(name).Append("::").Append(value).Append('\n');
    }

    /// <summary>Those of the configuration, then those that requests brought along.</summary>
    private static IEnumerable<(LocalityEndpoints Locality, Endpoint Endpoint)> Endpoints(
        ClusterSnapshot cluster, Dictionary<(string Cluster, IpEndpoint Address), HostCounts> counts)
    {
        var listed = cluster.Endpoints.Localities.SelectMany(locality => locality.Endpoints.Select(endpoint => (locality, endpoint)));
        if (cluster.Config.Discovery != DiscoveryType.OriginalDst) return listed;
        return listed.Concat(counts.Keys.Where(key => key.Cluster == cluster.Name).OrderBy(key => key.Address.ToString(), StringComparer.Ordinal)
            .Select(key => (Nowhere, new Endpoint { Address = key.Address, Weight = 1, Health = EndpointHealth.Healthy })));
    }

    private static IEnumerable<(string Name, long Value)> Figures(HostCounts counts) =>
    [
        ("cx_active", counts.CxActive), ("cx_connect_fail", counts.CxConnectFail), ("cx_total", counts.CxTotal), ("rq_active", counts.RqActive),
        ("rq_error", counts.RqError), ("rq_success", counts.RqSuccess), ("rq_timeout", counts.RqTimeout), ("rq_total", counts.RqTotal),
    ];

    private static void WriteEndpoint(StringBuilder text, string cluster, LocalityEndpoints locality, Endpoint endpoint, HostCounts counts)
    {
        foreach (var (name, value) in Figures(counts)) Line(name, value.ToString(CultureInfo.InvariantCulture));
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

    private static byte[] Json(List<ClusterSnapshot> clusters, Dictionary<(string Cluster, IpEndpoint Address), HostCounts> counts)
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
                foreach (var (locality, endpoint) in Endpoints(cluster, counts))
                    WriteHost(writer, locality, endpoint, counts.GetValueOrDefault((cluster.Name, endpoint.Address)));
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static void WriteHost(Utf8JsonWriter writer, LocalityEndpoints locality, Endpoint endpoint, HostCounts counts)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("address");
        writer.WriteStartObject("socket_address");
        writer.WriteString("address", endpoint.Address.ToIPAddress().ToString());
        writer.WriteNumber("port_value", endpoint.Address.Port);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartArray("stats");
        foreach (var (name, value) in Figures(counts))
        {
            writer.WriteStartObject();
            if (name.EndsWith("active", StringComparison.Ordinal)) writer.WriteString("type", "GAUGE"); // COUNTER is the default, which is left out
            writer.WriteString("name", name);
            if (value != 0) writer.WriteString("value", value.ToString(CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartObject("health_status");
        writer.WriteString("eds_health_status", endpoint.Health.ToString().ToUpperInvariant());
        writer.WriteEndObject();
        writer.WriteNumber("weight", endpoint.Weight);
        if (endpoint.Hostname is not null) writer.WriteString("hostname", endpoint.Hostname);
        writer.WriteNumber("priority", locality.Priority);
        writer.WriteEndObject();
    }
}
