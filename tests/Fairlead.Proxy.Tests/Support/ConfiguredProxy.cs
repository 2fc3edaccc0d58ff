using System.Net;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Proxy.Tests.Snapshot;

namespace Fairlead.Proxy.Tests.Support;

/// <summary>A sidecar on loopback sockets whose listener and cluster are compiled from Envoy's configuration, so that a test shows what a field does.</summary>
/// <param name="Upstream">The endpoint of the cluster "c".</param>
internal sealed record ConfiguredProxy(IPEndPoint Upstream)
{
    /// <summary>Empty = no log.</summary>
    public string LogPath { get; init; } = string.Empty;

    public string LogFormat { get; init; } = "%RESPONSE_CODE%\n";

    /// <summary>More fields of the connection manager, in YAML's flow style, each followed by a comma.</summary>
    public string Manager { get; init; } = string.Empty;

    /// <summary>The HTTP filters in front of the router, each followed by a comma.</summary>
    public string Filters { get; init; } = string.Empty;

    /// <summary>Fields of the router's configuration, each with a comma in front.</summary>
    public string Router { get; init; } = string.Empty;

    /// <summary>More fields of the route table, each followed by a comma.</summary>
    public string Table { get; init; } = string.Empty;

    /// <summary>More fields of the virtual host, each followed by a comma.</summary>
    public string VirtualHost { get; init; } = string.Empty;

    public string Route { get; init; } = "route: {cluster: c}";

    /// <summary>More fields of the listener, each followed by a comma.</summary>
    public string Listener { get; init; } = string.Empty;

    /// <summary>The network filters in place of the HTTP connection manager; null = it.</summary>
    public string? NetworkFilters { get; init; }

    /// <summary>More fields of the cluster, each with a comma in front.</summary>
    public string Cluster { get; init; } = string.Empty;

    /// <summary>More fields of the endpoint, each followed by a comma.</summary>
    public string Endpoint { get; init; } = string.Empty;

    public async Task<RunningProxy> StartAsync()
    {
        var mesh = new TestMesh(LogPath);
        var context = TestCompile.Context(mesh.Stats);
        var cluster = new ClusterCompiler(context).Compile(TestCompile.Cluster(ClusterYaml), isDynamic: false);
        mesh.Cluster(new ClusterSnapshot(cluster.Config, cluster.Endpoints!));
        return await RunningProxy.StartAsync(mesh, new ListenerCompiler(context).Compile(TestCompile.Listener(ListenerYaml), null, isDynamic: false));
    }

    private string ClusterYaml => $$"""
        { name: c, type: STATIC, connect_timeout: 5s,
          load_assignment: { cluster_name: c, endpoints: [{ lb_endpoints: [{ {{Endpoint}} endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{Upstream.Port}} } } } }] }] } {{Cluster}} }
        """;

    private string Log => LogPath.Length == 0 ? string.Empty : $$"""
        access_log: [{ name: l, typed_config: { "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: {{LogPath}},
          log_format: { text_format_source: { inline_string: "{{LogFormat.Replace("\n", "\\n", StringComparison.Ordinal)}}" } } } }],
        """;

    /// <summary>The TCP proxy to the cluster.</summary>
    /// <param name="fields">More of its fields, each with a comma in front.</param>
    public string TcpProxy(string fields = "") =>
        $$"""{ name: t, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: test, {{Log}} cluster: c {{fields}} } }""";

    private string ListenerYaml => $$"""
        { name: http, {{Listener}} address: { socket_address: { address: 127.0.0.1, port_value: 0 } }, filter_chains: [{ filters: [{{NetworkFilters ?? ManagerYaml}}] }] }
        """;

    private string ManagerYaml => $$"""
        { name: h, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager,
            stat_prefix: test, {{Log}} {{Manager}}
            route_config: { name: r, {{Table}} virtual_hosts: [{ name: v, domains: ["*"], {{VirtualHost}} routes: [{ match: { prefix: / }, {{Route}} }] }] },
            http_filters: [{{Filters}} { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router {{Router}} } }] } }
        """;
}
