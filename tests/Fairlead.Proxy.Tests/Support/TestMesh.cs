using System.Net;
using System.Text;
using Fairlead.Proxy.Dns;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Tests.Support;

/// <summary>Builds compiled snapshots by hand: one HTTP listener with virtual hosts, or a TCP one, and static clusters.</summary>
internal sealed class TestMesh
{
    private readonly Dictionary<string, ClusterSnapshot> _clusters = [];
    private readonly List<(VirtualHost Host, List<RouteEntry> Routes)> _hosts = [];

    public TestMesh(string logPath = "")
    {
        LogPath = logPath;
    }

    public StatRegistry Stats { get; } = new();

    public string LogPath { get; }

    public IReadOnlyList<AccessLogConfig> AccessLogs => LogPath.Length == 0 ? [] : [new AccessLogConfig(LogPath, new TestLogFormat(), null)];

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public TestMesh Cluster(string name, params IPEndPoint[] endpoints) => Cluster(name, null, endpoints);

    public TestMesh Cluster(string name, Func<ClusterConfig, ClusterConfig>? change, params IPEndPoint[] endpoints)
    {
        var config = ClusterConfigOf(name);
        if (change is not null) config = change(config);
        var set = new EndpointSet([new LocalityEndpoints(string.Empty, string.Empty, string.Empty, 0, 0, [.. endpoints.Select(End)])], 140);
        _clusters[name] = new ClusterSnapshot(config, set);
        return this;
    }

    public TestMesh Cluster(ClusterSnapshot cluster)
    {
        _clusters[cluster.Name] = cluster;
        return this;
    }

    public TestMesh OriginalDstCluster(string name)
    {
        _clusters[name] = new ClusterSnapshot(ClusterConfigOf(name, DiscoveryType.OriginalDst, LoadBalancingPolicy.ClusterProvided), EndpointSet.Empty);
        return this;
    }

    public ClusterConfig ClusterConfigOf(
        string name, DiscoveryType discovery = DiscoveryType.Static, LoadBalancingPolicy policy = LoadBalancingPolicy.RoundRobin,
        CircuitBreakerLimits? limits = null, TimeSpan? connectTimeout = null, int? maxRequests = null, string? destinationHeader = null, IpEndpoint bind = default) => new()
    {
        Name = name,
        NameUtf8 = Bytes(name),
        StatNameUtf8 = Bytes(name),
        Discovery = discovery,
        Policy = policy,
        ConnectTimeout = connectTimeout ?? TimeSpan.FromSeconds(5),
        MaxRequestsPerConnection = maxRequests,
        DefaultLimits = limits ?? CircuitBreakerLimits.EnvoyDefault,
        HighLimits = CircuitBreakerLimits.EnvoyDefault,
        OriginalDst = new ClusterConfig.OriginalDstOptions(destinationHeader is not null, Bytes(destinationHeader ?? string.Empty), null, TimeSpan.FromSeconds(5)),
        BindAddress = bind,
        Dns = new ClusterConfig.DnsOptions(LookupFamily.V4Only, TimeSpan.FromSeconds(5), false, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), TimeSpan.Zero),
        Stats = ClusterStats.Of(Stats, name),
    };

    public TestMesh Host(string name, string[] domains, bool attemptCount = true)
    {
        var routes = new List<RouteEntry>();
        _hosts.Add((new VirtualHost { Name = name, NameUtf8 = Bytes(name), Domains = domains, Routes = routes, IncludeRequestAttemptCount = attemptCount }, routes));
        return this;
    }

    public TestMesh Route(string name, string prefix, RouteAction action, string? decorator = null)
    {
        var (host, routes) = _hosts[^1];
        routes.Add(new RouteEntry
        {
            Name = name,
            NameUtf8 = Bytes(name),
            VirtualHost = host,
            Table = Table ?? throw new InvalidOperationException("call Routes first"),
            Match = new RouteMatcher { Kind = PathMatchKind.Prefix, Path = Bytes(prefix) },
            Action = action,
            DecoratorOperation = decorator is null ? null : Bytes(decorator),
            PropagateDecorator = true,
        });
        return this;
    }

    public RouteTable? Table { get; private set; }

    /// <summary>Starts a table; its index is built by <see cref="Manager"/>, so routes refer to a table made beforehand.</summary>
    public TestMesh Routes()
    {
        Table = new RouteTable { Name = "routes", VirtualHosts = VirtualHostIndex.Build([], ignorePort: true) };
        return this;
    }

    public HttpConnectionManagerConfig Manager(
        Func<HttpConnectionManagerConfig, HttpConnectionManagerConfig>? change = null, TracingConfig? tracing = null, int? maxRequests = null)
    {
        var table = new RouteTable { Name = "routes", VirtualHosts = VirtualHostIndex.Build([.. _hosts.Select(entry => entry.Host)], ignorePort: true) };
        var config = new HttpConnectionManagerConfig
        {
            StatPrefix = "test",
            Codec = HttpCodecType.Auto,
            InlineRoutes = table,
            Filters = [new HttpFilterConfig.Router { Name = "envoy.filters.http.router" }],
            ServerName = Bytes("envoy"),
            ServerHeader = ServerHeaderMode.Overwrite,
            AccessLogs = AccessLogs,
            NormalizePath = true,
            Tracing = tracing ?? new TracingConfig(10_000, 10_000, 10_000),
            MaxRequestsPerConnection = maxRequests,
            Upgrades = [new UpgradeSetting(Bytes("websocket"), true)],
            DelayedCloseTimeout = TimeSpan.FromMilliseconds(200),
            Stats = HttpManagerStats.Of(Stats, "test"),
        };
        return change is null ? config : change(config);
    }

    public ListenerSnapshot Listener(
        string name, IpEndpoint address, NetworkFilterConfig filter, bool bind = true, bool useOriginalDst = false, IReadOnlyList<ListenerFilterConfig>? filters = null,
        IReadOnlyList<FilterChainSnapshot>? chains = null, TimeSpan? filtersTimeout = null, bool continueOnTimeout = false) => new()
    {
        Name = name,
        Addresses = [address],
        BindToPort = bind,
        UseOriginalDst = useOriginalDst,
        Direction = TrafficDirection.Outbound,
        ListenerFilters = filters ?? [],
        ListenerFiltersTimeout = filtersTimeout ?? TimeSpan.Zero,
        ContinueOnListenerFiltersTimeout = continueOnTimeout,
        FilterChains = chains ?? [Chain(name, filter)],
        AccessLogs = AccessLogs,
        PerConnectionBufferLimitBytes = ListenerSnapshot.DefaultBufferLimitBytes,
        TcpBacklog = 1024,
        Stats = ListenerStats.Of(Stats, name),
    };

    public static FilterChainSnapshot Chain(string name, NetworkFilterConfig filter, FilterChainMatch? match = null) => new()
    {
        Name = name,
        NameUtf8 = Bytes(name),
        Match = match ?? FilterChainMatch.Any,
        Filters = [filter],
    };

    public TcpProxyConfig TcpProxy(string cluster, int attempts = 1, TimeSpan? idle = null, TimeSpan? maxDuration = null) => new()
    {
        StatPrefix = cluster,
        Clusters = ClusterSelection.Single(cluster),
        IdleTimeout = idle ?? TimeSpan.FromHours(1),
        MaxDownstreamConnectionDuration = maxDuration ?? TimeSpan.Zero,
        MaxConnectAttempts = attempts,
        AccessLogs = AccessLogs,
        Stats = TcpProxyStats.Of(Stats, cluster),
    };

    public ProxySnapshot Snapshot(long generation, params ListenerSnapshot[] listeners) =>
        new(generation, listeners.ToDictionary(listener => listener.Name), new Dictionary<string, ClusterSnapshot>(_clusters), []);

    public static RouteAction.Forward To(
        string cluster, TimeSpan? timeout = null, RetryPolicy? retry = null, HostRewrite? host = null, PathRewrite? path = null) => new()
    {
        Clusters = ClusterSelection.Single(cluster),
        Timeout = timeout ?? TimeSpan.Zero,
        Retry = retry,
        HostRewrite = host,
        PathRewrite = path,
    };

    private static Endpoint End(IPEndPoint address) => new()
    {
        Address = IpEndpoint.From(address.Address, address.Port),
        Weight = 1,
        Health = EndpointHealth.Healthy,
    };
}
