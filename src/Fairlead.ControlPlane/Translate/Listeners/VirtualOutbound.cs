using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;

namespace Fairlead.ControlPlane.Translate.Listeners;

/// <summary>The listener that capture redirects to: it hands each connection to the listener of its original destination, or keeps it.</summary>
internal static class VirtualOutbound
{
    public const int Port = 15001;

    public static Listener Build(OutboundDefaults defaults)
    {
        var blackHole = new FilterChain
        {
            Name = "virtualOutbound-blackhole",
            FilterChainMatch = new FilterChainMatch { DestinationPort = Port },
        };
        blackHole.Filters.AddRange(TcpProxyFilters.Of(
            ClusterNames.BlackHole, [new WeightedTarget(ClusterNames.BlackHole)], defaults.Telemetry, TcpTimeouts.None, logged: false));

        var catchAll = new FilterChain { Name = "virtualOutbound-catchall-tcp" };
        catchAll.Filters.AddRange(TcpProxyFilters.Of(
            defaults.UnknownTraffic, [new WeightedTarget(defaults.UnknownTraffic)], defaults.Telemetry, defaults.Tcp));

        var listener = new Listener
        {
            Name = "virtualOutbound",
            Address = Addresses.Tcp(OutboundListenerInput.AnyAddress, Port),
            UseOriginalDst = true,
            TrafficDirection = TrafficDirection.Outbound,
            FilterChains = { blackHole, catchAll },
        };
        listener.AccessLog.AddRange(AccessLogs.NoRoute(defaults.Telemetry.AccessLogs));
        return listener;
    }
}
