namespace Fairlead.Proxy.Snapshot;

/// <summary>
/// A warm cluster: its declared settings and its current endpoints. An endpoint change makes a new object with the same
/// <see cref="Config"/> reference; pools and counters hang off the name and are kept then.
/// </summary>
internal sealed class ClusterSnapshot(ClusterConfig config, EndpointSet endpoints)
{
    public ClusterConfig Config { get; } = config;

    public EndpointSet Endpoints { get; } = endpoints;

    public string Name => Config.Name;
}
