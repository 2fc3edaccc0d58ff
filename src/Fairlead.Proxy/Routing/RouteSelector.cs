using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Routing;

/// <summary>Virtual host to route: the first route in order whose match holds.</summary>
internal static class RouteSelector
{
    /// <param name="host">Of the request's authority; null = none.</param>
    /// <param name="headers">The request after the connection manager's own changes.</param>
    /// <param name="random">Uniform 64 bits drawn once per request (fractions, weights).</param>
    /// <returns>Null = no route: 404 route_not_found, flag NR.</returns>
    public static RouteEntry? Select(VirtualHost? host, HeaderBlock headers, ulong random)
    {
        if (host is null) return null;
        // By index: enumerating an interface would allocate per request.
        for (var i = 0; i < host.Routes.Count; i++)
        {
            var route = host.Routes[i];
            if (route.Match.Matches(headers, random)) return route;
        }
        return null;
    }
}
