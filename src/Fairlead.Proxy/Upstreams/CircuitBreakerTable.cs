using System.Collections.Concurrent;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Upstreams;

/// <summary>The circuit breakers of all clusters, shared by all workers; looked up when a worker first meets a cluster, not per request.</summary>
internal sealed class CircuitBreakerTable
{
    private readonly ConcurrentDictionary<(string Cluster, RoutePriority Priority), (CircuitBreaker Breaker, ClusterStats Stats)> _breakers = new();

    public CircuitBreaker Get(ClusterConfig cluster, RoutePriority priority)
    {
        var limits = priority == RoutePriority.High ? cluster.HighLimits : cluster.DefaultLimits;
        var (breaker, _) = _breakers.GetOrAdd((cluster.Name, priority), static (_, initial) => (new CircuitBreaker(initial.Limits), initial.Stats), (Limits: limits, cluster.Stats));
        breaker.Adopt(limits);
        return breaker;
    }

    /// <summary>The breaker of a cluster that some worker has met, for dumps.</summary>
    public CircuitBreaker? Find(string cluster, RoutePriority priority) => _breakers.GetValueOrDefault((cluster, priority)).Breaker;

    /// <summary>Sets the gauges of all breakers: which are open, and what is left where that is tracked.</summary>
    public void Show(StatShard shard)
    {
        foreach (var ((_, priority), (breaker, stats)) in _breakers)
        {
            var first = priority == RoutePriority.High ? ClusterStats.CircuitBreakersHighCxOpen : ClusterStats.CircuitBreakersDefaultCxOpen;
            shard.Set(stats, first, breaker.CanConnect ? 0 : 1);
            shard.Set(stats, first + 2, breaker.CanQueue ? 0 : 1);
            shard.Set(stats, first + 3, breaker.CanRequest ? 0 : 1);
            shard.Set(stats, first + 4, breaker.CanRetry ? 0 : 1);
            var limits = breaker.Limits;
            if (!limits.TrackRemaining || priority == RoutePriority.High) continue;
            shard.Set(stats, ClusterStats.CircuitBreakersDefaultRemainingCx, Math.Max(0, limits.MaxConnections - breaker.Connections));
            shard.Set(stats, ClusterStats.CircuitBreakersDefaultRemainingPending, Math.Max(0, limits.MaxPendingRequests - breaker.Pending));
            shard.Set(stats, ClusterStats.CircuitBreakersDefaultRemainingRq, Math.Max(0, limits.MaxRequests - breaker.Requests));
            shard.Set(stats, ClusterStats.CircuitBreakersDefaultRemainingRetries, Math.Max(0, limits.MaxRetries - breaker.Retries));
        }
    }
}
