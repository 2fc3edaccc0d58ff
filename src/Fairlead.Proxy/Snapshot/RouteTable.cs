using Fairlead.Proxy.Routing;

namespace Fairlead.Proxy.Snapshot;

/// <summary>A compiled RouteConfiguration.</summary>
internal sealed class RouteTable
{
    public required string Name { get; init; }

    public required VirtualHostIndex VirtualHosts { get; init; }

    public HeaderMutations RequestHeaders { get; init; } = HeaderMutations.None;

    public HeaderMutations ResponseHeaders { get; init; } = HeaderMutations.None;

    /// <summary>
    /// False (Envoy's default): mutations apply route, then virtual host, then table, so that the table wins; true: the other way round.
    /// </summary>
    public bool MostSpecificHeaderMutationsWin { get; init; }

    /// <summary>It does not load while it names a cluster that is unknown (validate_clusters; unset, it holds for inline tables).</summary>
    public bool ValidatesClusters { get; init; }

    /// <summary>Removed from requests that are not internal.</summary>
    public IReadOnlyList<byte[]> InternalOnlyHeaders { get; init; } = [];
}
