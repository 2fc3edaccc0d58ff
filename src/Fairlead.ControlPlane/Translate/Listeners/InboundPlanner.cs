using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate.Clusters;

namespace Fairlead.ControlPlane.Translate.Listeners;

/// <summary>
/// The ports of a workload that services expose. They follow from selectors and the pod's labels, not from endpoints: the chains must be there
/// before the pod is ready. The oldest service of a port decides its protocol.
/// </summary>
internal static class InboundPlanner
{
    public static ValueList<(InboundPort Port, ValueList<ServiceIdentity> Services)> Plan(MeshSnapshot snapshot, ProxyIdentity proxy)
    {
        var pod = snapshot.Pod(proxy.Namespace, proxy.Pod);
        var labels = pod?.Labels is { Count: > 0 } own ? own : proxy.Labels;
        var found = new SortedDictionary<int, (InboundPort Port, List<ServiceIdentity> Services)>();
        foreach (var service in snapshot.Services.SelectingIn(proxy.Namespace))
        {
            if (!LabelMatch.Includes(service.Selector!, labels))
                continue;
            foreach (var port in service.Ports)
            {
                var number = PortOnPod(port, pod);
                if (port.Protocol == Protocol.Udp || number == 0)
                    continue;
                if (!found.TryGetValue(number, out var known))
                    found.Add(number, known = (new InboundPort(number, port.Protocol, service.Host, port.Number), []));
                known.Services.Add(ServiceIdentity.Of(service));
            }
        }

        return found.Values.Select(entry => (entry.Port, entry.Services.Distinct().ToValueList())).ToValueList();
    }

    /// <summary>0 for a named port that the pod does not have.</summary>
    private static int PortOnPod(MeshPort port, WorkloadPod? pod)
    {
        if (port.TargetPortName.Length > 0)
            return pod is not null && pod.Ports.TryGetValue(port.TargetPortName, out var named) ? named : 0;
        return port.TargetPort > 0 ? port.TargetPort : port.Number;
    }
}
