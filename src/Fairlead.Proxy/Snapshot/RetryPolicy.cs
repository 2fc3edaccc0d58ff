using Fairlead.Proxy.Routing;

namespace Fairlead.Proxy.Snapshot;

/// <summary>envoy.config.route.v3.RetryPolicy, compiled.</summary>
internal sealed class RetryPolicy
{
    public required RetryConditions On { get; init; }

    /// <summary>Retries, not attempts. Envoy's default is 1.</summary>
    public int NumRetries { get; init; } = 1;

    /// <summary>Zero = none.</summary>
    public TimeSpan PerTryTimeout { get; init; }

    /// <summary>Zero = none.</summary>
    public TimeSpan PerTryIdleTimeout { get; init; }

    /// <summary>Statuses for retriable-status-codes.</summary>
    public IReadOnlyList<int> RetriableStatuses { get; init; } = [];

    /// <summary>Response headers for retriable-headers.</summary>
    public IReadOnlyList<HeaderMatcher> RetriableHeaders { get; init; } = [];

    /// <summary>Only requests that match one of these are retried; empty = all.</summary>
    public IReadOnlyList<HeaderMatcher> RetriableRequestHeaders { get; init; } = [];

    public TimeSpan BackOffBase { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Envoy's default: ten times the base.</summary>
    public TimeSpan BackOffMax { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Avoid hosts already tried (retry_host_predicates.previous_hosts).</summary>
    public bool AvoidPreviousHosts { get; init; }

    /// <summary>Picks of a host before the predicate gives in.</summary>
    public int HostSelectionMaxAttempts { get; init; } = 1;
}
