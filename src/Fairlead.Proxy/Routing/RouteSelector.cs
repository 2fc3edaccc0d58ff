using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Routing;

/// <summary>Host to virtual host to route: the first route in order whose match holds.</summary>
internal static class RouteSelector
{
    /// <param name="table">The request's route table.</param>
    /// <param name="headers">The request after the connection manager's own changes.</param>
    /// <param name="random">Uniform 64 bits drawn once per request (fractions, weights).</param>
    /// <returns>Null = no route: 404 route_not_found, flag NR.</returns>
    public static RouteEntry? Select(RouteTable table, HeaderBlock headers, ulong random)
    {
        var host = table.VirtualHosts.Find(headers.Authority);
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
