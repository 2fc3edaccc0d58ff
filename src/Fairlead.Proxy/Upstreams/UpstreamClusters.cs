using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Upstreams;

/// <summary>The clusters that one worker has met, by name. They follow the snapshots and leave with them.</summary>
internal sealed class UpstreamClusters(WorkerContext worker)
{
    private readonly Dictionary<string, WorkerCluster> _clusters = new(StringComparer.Ordinal);

    // Requests to one cluster come in a row, and a name takes a while to hash.
    private WorkerCluster? _last;
    private ProxySnapshot? _lastConfiguration;
    private string? _lastName;

    /// <summary>The cluster of that name in the request's configuration, or null.</summary>
    public WorkerCluster? Find(ProxySnapshot configuration, string name)
    {
        if (ReferenceEquals(_lastConfiguration, configuration) && ReferenceEquals(_lastName, name)) return _last;
        if (configuration.Cluster(name) is not { } snapshot) return null;
        var cluster = Get(snapshot);
        (_lastConfiguration, _lastName) = (configuration, name);
        return cluster;
    }

    public WorkerCluster Get(ClusterSnapshot snapshot)
    {
        if (ReferenceEquals(_last?.Snapshot, snapshot)) return _last;
        _lastConfiguration = null;
        return _last = Meet(snapshot);
    }

    private WorkerCluster Meet(ClusterSnapshot snapshot)
    {
        if (_clusters.TryGetValue(snapshot.Name, out var cluster))
        {
            if (!ReferenceEquals(cluster.Snapshot, snapshot)) cluster.Adopt(snapshot);
            return cluster;
        }
        cluster = new WorkerCluster(worker, snapshot);
        _clusters.Add(snapshot.Name, cluster);
        return cluster;
    }

    /// <summary>Lets go of clusters that the snapshot no longer has; those still there take their endpoints over.</summary>
    public void Follow(ProxySnapshot snapshot)
    {
        _lastConfiguration = null;
        foreach (var (name, cluster) in _clusters.ToArray())
        {
            if (snapshot.Cluster(name) is { } current)
            {
                if (!ReferenceEquals(cluster.Snapshot, current)) cluster.Adopt(current);
                continue;
            }
            cluster.Drain();
            _clusters.Remove(name);
            if (ReferenceEquals(_last, cluster)) _last = null;
        }
    }

    public void DrainAll()
    {
        foreach (var cluster in _clusters.Values) cluster.Drain();
    }

    public IReadOnlyCollection<WorkerCluster> All => _clusters.Values;
}
