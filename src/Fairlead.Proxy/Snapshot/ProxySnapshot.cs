namespace Fairlead.Proxy.Snapshot;

/// <summary>
/// Everything the data path may know about configuration, compiled and immutable. A request takes one snapshot when it
/// starts and keeps it; a change builds a new snapshot and swaps one reference (<see cref="SnapshotStore"/>). Parts that did
/// not change are the same objects as in the snapshot before, so that reference equality tells what changed.
/// Only clusters that finished warming are in it.
/// </summary>
internal sealed class ProxySnapshot
{
    public static readonly ProxySnapshot Empty = new(
        0, new Dictionary<string, ListenerSnapshot>(), new Dictionary<string, ClusterSnapshot>(), new Dictionary<string, RouteTable>());

    private readonly Dictionary<string, ListenerSnapshot> _listeners;
    private readonly Dictionary<string, ClusterSnapshot> _clusters;
    private readonly Dictionary<string, RouteTable> _routeTables;

    /// <summary>Takes the dictionaries over: the caller changes them no more.</summary>
    public ProxySnapshot(
        long generation,
        Dictionary<string, ListenerSnapshot> listeners,
        Dictionary<string, ClusterSnapshot> clusters,
        Dictionary<string, RouteTable> routeTables)
    {
        Generation = generation;
        _listeners = listeners;
        _clusters = clusters;
        _routeTables = routeTables;
    }

    /// <summary>Counts up by one with every published snapshot.</summary>
    public long Generation { get; }

    /// <summary>Active listeners by name.</summary>
    public IReadOnlyDictionary<string, ListenerSnapshot> Listeners => _listeners;

    /// <summary>Warm clusters by name.</summary>
    public IReadOnlyDictionary<string, ClusterSnapshot> Clusters => _clusters;

    /// <summary>Route tables by RDS name.</summary>
    public IReadOnlyDictionary<string, RouteTable> RouteTables => _routeTables;

    /// <summary>The cluster, or null: then Envoy's <c>cluster_not_found</c> (NC) applies.</summary>
    public ClusterSnapshot? Cluster(string name) => _clusters.GetValueOrDefault(name);

    /// <summary>The table a connection manager routes by, or null: then <c>route_configuration_not_found</c> (NR) applies.</summary>
    public RouteTable? Routes(HttpConnectionManagerConfig manager) =>
        manager.InlineRoutes ?? (manager.RouteConfigName is { } name ? _routeTables.GetValueOrDefault(name) : null);
}
