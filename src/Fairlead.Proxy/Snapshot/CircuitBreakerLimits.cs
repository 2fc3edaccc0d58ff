namespace Fairlead.Proxy.Snapshot;

/// <summary>envoy.config.cluster.v3.CircuitBreakers.Thresholds of one priority, with Envoy's defaults.</summary>
internal sealed record CircuitBreakerLimits
{
    public static readonly CircuitBreakerLimits EnvoyDefault = new();

    public uint MaxConnections { get; init; } = 1024;

    public uint MaxPendingRequests { get; init; } = 1024;

    public uint MaxRequests { get; init; } = 1024;

    /// <summary>Not used when a budget is set.</summary>
    public uint MaxRetries { get; init; } = 3;

    /// <summary>Share of active and pending requests that may be retries, percent; null = <see cref="MaxRetries"/> applies.</summary>
    public double? RetryBudgetPercent { get; init; }

    public uint RetryBudgetMinConcurrency { get; init; } = 3;

    /// <summary>Publish the remaining_* gauges.</summary>
    public bool TrackRemaining { get; init; }
}
