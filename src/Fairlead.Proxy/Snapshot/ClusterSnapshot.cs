using Fairlead.Proxy.Telemetry;

namespace Fairlead.Proxy.Snapshot;

/// <summary>
/// A warm cluster: its declared settings and its current endpoints. An endpoint change makes a new object with the same
/// <see cref="Config"/> reference; pools and counters hang off the name and are kept then.
/// </summary>
internal sealed class ClusterSnapshot(ClusterConfig config, EndpointSet endpoints) : IConfigured
{
    public ClusterConfig Config { get; } = config;

    public EndpointSet Endpoints { get; } = endpoints;

    public string Name => Config.Name;

    byte[] IConfigured.NameUtf8 => Config.NameUtf8;

    Envoy.Config.Core.V3.Metadata? IConfigured.Metadata => Config.Metadata;
}
