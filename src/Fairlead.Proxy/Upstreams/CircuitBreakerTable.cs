using System.Collections.Concurrent;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Upstreams;

/// <summary>The circuit breakers of all clusters, shared by all workers; looked up when a worker first meets a cluster, not per request.</summary>
internal sealed class CircuitBreakerTable
{
    private readonly ConcurrentDictionary<(string Cluster, RoutePriority Priority), CircuitBreaker> _breakers = new();

    public CircuitBreaker Get(ClusterConfig cluster, RoutePriority priority)
    {
        var limits = priority == RoutePriority.High ? cluster.HighLimits : cluster.DefaultLimits;
        var breaker = _breakers.GetOrAdd((cluster.Name, priority), static (_, initial) => new CircuitBreaker(initial), limits);
        breaker.Adopt(limits);
        return breaker;
    }

    /// <summary>The breaker of a cluster that some worker has met, for dumps.</summary>
    public CircuitBreaker? Find(string cluster, RoutePriority priority) => _breakers.GetValueOrDefault((cluster, priority));
}
