namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>Who names whom: route tables by listeners, clusters by routes and TCP proxies.</summary>
internal static class SnapshotReferences
{
    public static IEnumerable<string> RouteNames(ListenerSnapshot listener)
    {
        foreach (var manager in Filters(listener).OfType<HttpConnectionManagerConfig>())
        {
            if (manager.RouteConfigName is { } name) yield return name;
        }
    }

    /// <summary>Those of the route tables that come from files.</summary>
    public static IEnumerable<RouteFile> RouteFiles(ListenerSnapshot listener)
    {
        foreach (var manager in Filters(listener).OfType<HttpConnectionManagerConfig>())
        {
            if (manager is { RouteConfigName: { } name, RouteConfigFile: { } file }) yield return new RouteFile(name, file);
        }
    }

    public static IEnumerable<RouteTable> InlineTables(ListenerSnapshot listener) =>
        Filters(listener).OfType<HttpConnectionManagerConfig>().Select(manager => manager.InlineRoutes).OfType<RouteTable>();

    public static HashSet<string> Clusters(RouteTable table)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var route in table.VirtualHosts.Hosts.SelectMany(host => host.Routes))
        {
            if (route.Action is RouteAction.Forward forward) names.UnionWith(forward.Clusters.Clusters.Select(cluster => cluster.Name));
        }
        return names;
    }

    public static HashSet<string> Clusters(ListenerSnapshot listener)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var filter in Filters(listener))
        {
            if (filter is TcpProxyConfig tcp) names.UnionWith(tcp.Clusters.Clusters.Select(cluster => cluster.Name));
            else if (filter is HttpConnectionManagerConfig { InlineRoutes: { } routes }) names.UnionWith(Clusters(routes));
        }
        return names;
    }

    private static IEnumerable<NetworkFilterConfig> Filters(ListenerSnapshot listener)
    {
        var chains = listener.DefaultFilterChain is { } last ? listener.FilterChains.Append(last) : listener.FilterChains;
        return chains.SelectMany(chain => chain.Filters);
    }
}
