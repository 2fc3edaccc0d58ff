using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate.Listeners;

/// <summary>The outbound listeners of a profile and what was kept out of them.</summary>
internal sealed record ListenerPlan(ValueList<OutboundListenerInput> Listeners, OutboundDefaults Defaults, ValueList<TranslationFinding> Findings);

/// <summary>
/// Which listeners a profile has (Istio, <c>buildSidecarOutboundListeners</c>): HTTP ports share 0.0.0.0, others listen on their service's
/// address if it has one; oldest service first, so that it wins conflicts.
/// </summary>
internal sealed class OutboundPlanner(MeshSnapshot snapshot, OutboundProfile profile)
{
    private readonly Dictionary<(string Address, int Port), ListenerDraft> drafts = [];
    private readonly List<TranslationFinding> findings = [];
    private readonly TcpChainPlanner tcp = new(snapshot, profile);

    public ListenerPlan Plan()
    {
        foreach (var listener in profile.Scope.Listeners.OrderBy(listener => listener.IsCatchAll))
        {
            foreach (var service in listener.Services)
            {
                foreach (var port in service.Ports.Where(port => listener.Port is null || listener.Port.Number == port.Number))
                    Add(listener, service, port);
            }
        }

        var defaults = new OutboundDefaults(UnknownTraffic(), profile.Telemetry, profile.Http, profile.Tcp);
        var listeners = drafts.Where(draft => !draft.Value.IsEmpty)
            .OrderBy(draft => draft.Key.Address, StringComparer.Ordinal)
            .ThenBy(draft => draft.Key.Port)
            .Select(draft => draft.Value.Finish(defaults))
            .ToValueList();
        return new ListenerPlan(listeners, defaults, findings.ToValueList());
    }

    /// <summary>Connections that no listener and no chain claims.</summary>
    private string UnknownTraffic() => UnknownDestination.ClusterFor(profile.Scope, snapshot.Settings);

    private void Add(EgressListener listener, MeshService service, MeshPort port)
    {
        // A wildcard that DNS is to resolve per request is not built: without its cluster the traffic must not pass as something else.
        if (port.Protocol == Protocol.Udp || service.Discovery == ServiceDiscovery.DynamicDns)
            return;
        var address = listener.Bind.Length > 0 ? listener.Bind : BindAddress(service, port);
        var key = (address, port.Number);
        if (!drafts.TryGetValue(key, out var draft))
            drafts.Add(key, draft = new ListenerDraft(address, port.Number, locked: !listener.IsCatchAll));
        else if (draft.Locked && listener.IsCatchAll)
            return;
        if (draft.Add(service, port.Protocol, Chains(listener, service, port, address)) is { } winner)
        {
            findings.Add(new(service.Source, "spec.ports", FindingCodes.Shadowed,
                $"port {port.Number} of {service.Host} cannot share listener {address}_{port.Number} with {winner.Host} ({winner.Source}), which is older; give the service an address of its own or another port"));
        }
    }

    private string BindAddress(MeshService service, MeshPort port)
    {
        if (port.Protocol.IsHttp())
            return OutboundListenerInput.AnyAddress;
        var address = profile.AddressOf(service);
        return address.Contains('/', StringComparison.Ordinal) ? OutboundListenerInput.AnyAddress : address;
    }

    private IEnumerable<OutboundChain> Chains(EgressListener listener, MeshService service, MeshPort port, string bind)
    {
        var wildcard = bind == OutboundListenerInput.AnyAddress;
        if (port.Protocol.IsHttp() || port.Protocol == Protocol.Auto)
            yield return new HttpChain(wildcard || !listener.IsCatchAll ? RouteNames.OfPort(port.Number) : RouteNames.OfService(service.Host, port.Number));
        if (port.Protocol.IsHttp())
            yield break;
        foreach (var chain in tcp.Chains(listener, service, port, wildcard))
            yield return chain;
    }
}
