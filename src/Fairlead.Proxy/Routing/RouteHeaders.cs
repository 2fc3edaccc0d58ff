using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;

namespace Fairlead.Proxy.Routing;

/// <summary>Applies the header mutations of all levels in Envoy's order (RouteConfiguration.most_specific_header_mutations_wins).</summary>
internal static class RouteHeaders
{
    /// <param name="route">The chosen route.</param>
    /// <param name="cluster">The chosen cluster of a weighted selection; its mutations come first.</param>
    /// <param name="headers">The request that goes upstream.</param>
    /// <param name="info">For formatted values.</param>
    public static void ApplyToRequest(RouteEntry route, WeightedCluster? cluster, HeaderBlock headers, StreamInfo info) =>
        Apply(
            route.Table.MostSpecificHeaderMutationsWin,
            cluster?.RequestHeaders ?? HeaderMutations.None,
            route.RequestHeaders,
            route.VirtualHost.RequestHeaders,
            route.Table.RequestHeaders,
            headers,
            info);

    /// <inheritdoc cref="ApplyToRequest"/>
    public static void ApplyToResponse(RouteEntry route, WeightedCluster? cluster, HeaderBlock headers, StreamInfo info) =>
        Apply(
            route.Table.MostSpecificHeaderMutationsWin,
            cluster?.ResponseHeaders ?? HeaderMutations.None,
            route.ResponseHeaders,
            route.VirtualHost.ResponseHeaders,
            route.Table.ResponseHeaders,
            headers,
            info);

    private static void Apply(
        bool mostSpecificWins,
        HeaderMutations cluster,
        HeaderMutations route,
        HeaderMutations host,
        HeaderMutations table,
        HeaderBlock headers,
        StreamInfo info)
    {
        if (IsNone(cluster) && IsNone(route) && IsNone(host) && IsNone(table)) return; // as for most
        if (mostSpecificWins)
        {
            table.Apply(headers, info);
            host.Apply(headers, info);
            route.Apply(headers, info);
            cluster.Apply(headers, info);
            return;
        }
        cluster.Apply(headers, info);
        route.Apply(headers, info);
        host.Apply(headers, info);
        table.Apply(headers, info);
    }

    private static bool IsNone(HeaderMutations mutations) => ReferenceEquals(mutations, HeaderMutations.None);
}
