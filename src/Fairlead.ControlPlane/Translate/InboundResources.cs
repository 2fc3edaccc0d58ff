using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate.Clusters;
using Fairlead.ControlPlane.Translate.Listeners;

namespace Fairlead.ControlPlane.Translate;

/// <summary>The listener in front of one workload and the clusters behind it.</summary>
internal sealed record InboundResources(XdsResource Listener, ValueList<XdsResource> Clusters)
{
    public static InboundResources Build(MeshSnapshot snapshot, ProxyIdentity proxy, ResourceCache cache)
    {
        var ports = InboundPlanner.Plan(snapshot, proxy);
        var settings = snapshot.Settings.For(proxy);
        var telemetry = snapshot.Telemetries.For(proxy.Namespace, proxy.Labels, settings).Inbound;
        var listener = new InboundListenerInput(
            ports.Select(entry => entry.Port).ToValueList(), telemetry, OutboundProfile.HttpOf(proxy, settings), OutboundProfile.TcpOf(proxy));
        return new InboundResources(
            cache.Get(listener, static input => XdsResource.Of("virtualInbound", VirtualInbound.Build(input))),
            ports.Select(entry => cache.Get(
                    new InboundClusterInput(entry.Port.Port, entry.Port.Protocol, entry.Services, snapshot.Settings.ConnectTimeout),
                    static input => XdsResource.Of(ClusterNames.Inbound(input.Port), StandingClusters.Inbound(input))))
                .ToValueList());
    }
}
