using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate;

/// <summary>The cluster that a rule's destination means to a client.</summary>
internal sealed class DestinationResolver(SidecarScope scope)
{
    /// <summary>
    /// Without a port, a service of one port is meant with that one, any other with the port that was addressed. A host that is not visible still
    /// gives a name: the proxy then answers 503 with NC, as Envoy does.
    /// </summary>
    public string ClusterOf(Destination destination, int addressedPort)
    {
        var port = destination.Port;
        if (port == 0)
            port = scope.ServicesOf(destination.Host.Value) is { Count: > 0 } services && services[0].Ports.Count == 1 ? services[0].Ports[0].Number : addressedPort;
        return ClusterNames.Outbound(port, destination.Subset, destination.Host.Value);
    }
}
