using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Snapshot;

/// <summary>A compiled cluster (envoy.config.cluster.v3.Cluster) without its endpoints. Timeouts: zero = off.</summary>
internal sealed class ClusterConfig
{
    public static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan DefaultIdleTimeout = TimeSpan.FromHours(1);

    public required string Name { get; init; }

    public required byte[] NameUtf8 { get; init; }

    /// <summary>What %UPSTREAM_CLUSTER% prints and stats are named by: alt_stat_name, else the name.</summary>
    public required byte[] StatNameUtf8 { get; init; }

    public required DiscoveryType Discovery { get; init; }

    public required LoadBalancingPolicy Policy { get; init; }

    /// <summary>Hosts compared by least request.</summary>
    public int LeastRequestChoices { get; init; } = 2;

    public double LeastRequestBias { get; init; } = 1.0;

    public TimeSpan ConnectTimeout { get; init; } = DefaultConnectTimeout;

    /// <summary>Of an upstream connection without requests.</summary>
    public TimeSpan IdleTimeout { get; init; } = DefaultIdleTimeout;

    public TimeSpan MaxConnectionDuration { get; init; }

    public TimeSpan MaxStreamDuration { get; init; }

    /// <summary>Null = no limit.</summary>
    public int? MaxRequestsPerConnection { get; init; }

    public int PerConnectionBufferLimitBytes { get; init; } = 1024 * 1024;

    public int MaxResponseHeaderBytes { get; init; } = 60 * 1024;

    public int MaxResponseHeaders { get; init; } = 100;

    public UnderscoreMode Underscores { get; init; }

    public UpstreamProtocolMode Protocol { get; init; }

    public HeaderCase HeaderCase { get; init; }

    public bool EnableTrailers { get; init; }

    public bool AllowChunkedLength { get; init; }

    public required CircuitBreakerLimits DefaultLimits { get; init; }

    public required CircuitBreakerLimits HighLimits { get; init; }

    public TcpKeepaliveConfig? Keepalive { get; init; }

    /// <summary>Source address of upstream connections (Istio's inbound passthrough binds 127.0.0.6); unset = the kernel chooses.</summary>
    public IpEndpoint BindAddress { get; init; }

    /// <summary>Share of healthy hosts, percent, under which all hosts are used. Envoy's default is 50; 0 = never.</summary>
    public double PanicThresholdPercent { get; init; } = 50;

    public bool CloseConnectionsOnHostSetChange { get; init; }

    public required OriginalDstOptions OriginalDst { get; init; }

    public required DnsOptions Dns { get; init; }

    /// <summary>Came by CDS, not from the bootstrap.</summary>
    public bool IsDynamic { get; init; }

    /// <summary>As configured; null = none.</summary>
    public Envoy.Config.Core.V3.Metadata? Metadata { get; init; }

    // Istio's metadata (filter_metadata.istio), read once for stats and peer metadata.

    /// <summary>istio.external = true: peer metadata with skip_external_clusters stays away.</summary>
    public bool IsExternal { get; init; }

    /// <summary>istio.disable_mx = true: no peer metadata at all.</summary>
    public bool DisableMetadataExchange { get; init; }

    /// <summary>istio.services[0]; null = none.</summary>
    public IstioService? Service { get; init; }

    public required ClusterStats Stats { get; init; }

    /// <param name="Host">Fully qualified host.</param>
    /// <param name="Name">Short name.</param>
    /// <param name="Namespace">Namespace.</param>
    public sealed record IstioService(string Host, string Name, string Namespace);

    /// <param name="UseHttpHeader">Take the address from the header.</param>
    /// <param name="HeaderName">Lower case.</param>
    /// <param name="PortOverride">Null = the connection's own port.</param>
    /// <param name="CleanupInterval">An address unused for this long is forgotten; Envoy's default 5 s.</param>
    public sealed record OriginalDstOptions(bool UseHttpHeader, byte[] HeaderName, int? PortOverride, TimeSpan CleanupInterval);

    /// <param name="Family">Address families to ask for.</param>
    /// <param name="RefreshRate">Time between resolutions when TTLs are not respected or are 0.</param>
    /// <param name="RespectTtl">Use the answer's smallest TTL instead.</param>
    /// <param name="FailureBase">First delay after a failure; doubles.</param>
    /// <param name="FailureMax">Longest delay after failures.</param>
    /// <param name="Jitter">Up to this is added to every refresh.</param>
    public sealed record DnsOptions(
        Dns.LookupFamily Family, TimeSpan RefreshRate, bool RespectTtl, TimeSpan FailureBase, TimeSpan FailureMax, TimeSpan Jitter);
}
