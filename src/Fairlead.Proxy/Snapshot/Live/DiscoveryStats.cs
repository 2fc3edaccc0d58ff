using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>Counts what becomes known of clusters' endpoints, under Envoy's names (Envoy documentation, "Cluster manager statistics"). On the main loop.</summary>
internal sealed class DiscoveryStats(StatShard shard)
{
    /// <summary>One answer, by EDS or DNS.</summary>
    public void Updated(ClusterStats cluster, bool isSuccess)
    {
        shard.Add(cluster, ClusterStats.UpdateAttempt);
        shard.Add(cluster, isSuccess ? ClusterStats.UpdateSuccess : ClusterStats.UpdateFailure);
    }

    /// <summary>An answer changed nothing.</summary>
    public void Unchanged(ClusterStats cluster) => shard.Add(cluster, ClusterStats.UpdateNoRebuild);

    /// <summary>An answer holds no endpoint.</summary>
    public void Empty(ClusterStats cluster) => shard.Add(cluster, ClusterStats.UpdateEmpty);

    /// <summary>The endpoints that traffic may use from now on.</summary>
    public void Members(ClusterStats cluster, EndpointSet? before, EndpointSet now)
    {
        shard.Set(cluster, ClusterStats.MembershipTotal, now.All.Length);
        shard.Set(cluster, ClusterStats.MembershipHealthy, now.All.Count(endpoint => endpoint.Health == EndpointHealth.Healthy));
        shard.Set(cluster, ClusterStats.MembershipDegraded, now.All.Count(endpoint => endpoint.Health == EndpointHealth.Degraded));
        if (before is null ? !now.IsEmpty : !before.All.Select(endpoint => endpoint.Address).SequenceEqual(now.All.Select(endpoint => endpoint.Address)))
            shard.Add(cluster, ClusterStats.MembershipChange);
    }
}
