namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>What <see cref="LiveConfiguration"/> reports.</summary>
internal enum ConfigurationEvent
{
    ClusterAdded,
    ClusterModified,
    ClusterRemoved,
    ListenerAdded,
    ListenerModified,
    ListenerRemoved,
    Published,
    ResolutionFailed,
    WarmingTimedOut,
    UnsupportedField,
}
