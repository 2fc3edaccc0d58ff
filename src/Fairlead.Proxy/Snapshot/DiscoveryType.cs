namespace Fairlead.Proxy.Snapshot;

/// <summary>Cluster.DiscoveryType.</summary>
internal enum DiscoveryType : byte
{
    Static,
    StrictDns,
    LogicalDns,
    Eds,
    OriginalDst,
}
