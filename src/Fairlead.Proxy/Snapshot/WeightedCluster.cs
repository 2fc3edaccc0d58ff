using Fairlead.Proxy.Routing;

namespace Fairlead.Proxy.Snapshot;

/// <summary>One choice of a <see cref="ClusterSelection"/>.</summary>
internal sealed class WeightedCluster
{
    public required string Name { get; init; }

    public required uint Weight { get; init; }

    public HeaderMutations RequestHeaders { get; init; } = HeaderMutations.None;

    public HeaderMutations ResponseHeaders { get; init; } = HeaderMutations.None;

    /// <summary>Replaces :authority for this choice; null = no rewrite.</summary>
    public byte[]? HostRewrite { get; init; }
}
