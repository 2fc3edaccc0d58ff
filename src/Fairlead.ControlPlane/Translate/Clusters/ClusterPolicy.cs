namespace Fairlead.ControlPlane.Translate.Clusters;

/// <summary>Load balancers that need no configuration of their own (DestinationRule <c>loadBalancer.simple</c>).</summary>
public enum LoadBalancing
{
    LeastRequest,
    RoundRobin,
    Random,

    /// <summary>The address that the application dialled: turns the cluster into ORIGINAL_DST.</summary>
    Passthrough,
}

/// <summary>Whether a plain HTTP port is spoken to in HTTP/2 (<c>h2UpgradePolicy</c>, <c>useClientProtocol</c>).</summary>
public enum UpstreamProtocol
{
    ByPort,
    Http2,
    AsDownstream,
}

/// <summary>TCP keep-alive probes; 0 leaves the kernel's value. Times in seconds.</summary>
public sealed record KeepAlive(uint Probes, uint IdleSeconds, uint IntervalSeconds);

/// <summary>Retries allowed at once, as a share of the active requests.</summary>
public sealed record RetryBudgetPolicy(double Percent, uint MinConcurrency);

/// <summary>
/// What a DestinationRule (or MeshConfig.defaultTrafficPolicy) makes of a cluster. The defaults are Istio's: nothing is limited.
/// </summary>
public sealed record ClusterPolicy
{
    public static ClusterPolicy Default { get; } = new();

    public LoadBalancing LoadBalancer { get; init; }

    /// <summary>Null takes MeshConfig.connectTimeout.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    public uint MaxConnections { get; init; } = uint.MaxValue;
    public uint MaxPendingRequests { get; init; } = uint.MaxValue;
    public uint MaxRequests { get; init; } = uint.MaxValue;
    public uint MaxRetries { get; init; } = uint.MaxValue;

    /// <summary>Of one upstream connection; 0 is no limit, 1 disables keep-alive.</summary>
    public uint MaxRequestsPerConnection { get; init; }

    /// <summary>HTTP/2 streams of one connection; 0 leaves Envoy's limit.</summary>
    public uint MaxConcurrentStreams { get; init; }

    /// <summary>Of upstream HTTP connections; null leaves Envoy's hour.</summary>
    public TimeSpan? HttpIdleTimeout { get; init; }

    public TimeSpan? MaxConnectionDuration { get; init; }

    public KeepAlive? KeepAlive { get; init; }

    public UpstreamProtocol Protocol { get; init; }

    public RetryBudgetPolicy? RetryBudget { get; init; }

    /// <summary>
    /// The rule demands protection that is not built (TLS origination, PROXY protocol, tunnels): no connection may be made at all,
    /// rather than one without it. The cluster is emitted without endpoints.
    /// </summary>
    public bool Forbidden { get; init; }
}
