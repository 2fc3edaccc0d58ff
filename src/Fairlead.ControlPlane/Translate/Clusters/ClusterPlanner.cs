using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate.Clusters;

/// <summary>Which clusters a profile has: one per service port that is not UDP, and one per subset of its rule.</summary>
internal sealed class ClusterPlanner(MeshSnapshot snapshot, OutboundProfile profile)
{
    private readonly ClusterDefaults defaults = new(snapshot.Settings.ConnectTimeout, snapshot.Settings.DnsRefreshRate, profile.Family);

    /// <summary>In the order of services; the first claim of a name stays (several addresses of one host share clusters).</summary>
    public IEnumerable<OutboundClusterInput> Plan()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var service in profile.Scope.Services)
        {
            var rule = RuleOf(service);
            foreach (var port in service.Ports)
            {
                if (port.Protocol == Protocol.Udp || service.Discovery == ServiceDiscovery.DynamicDns)
                    continue;
                foreach (var subset in (rule?.Subsets.Select(subset => subset.Name) ?? []).Prepend(""))
                {
                    if (InputOf(service, port, rule, subset) is { } input && names.Add(input.Name))
                        yield return input;
                }
            }
        }
    }

    public MeshDestinationRule? RuleOf(MeshService service) =>
        snapshot.DestinationRules.For(service, profile.Namespace, profile.ClientLabels, snapshot.Settings.RootNamespace);

    /// <summary>Null for a DNS cluster without any name to look up: Istio does not make one.</summary>
    private OutboundClusterInput? InputOf(MeshService service, MeshPort port, MeshDestinationRule? rule, string subset)
    {
        var dns = service.Discovery is ServiceDiscovery.StrictDns or ServiceDiscovery.LogicalDns;
        var labels = rule?.Subset(subset)?.Labels;
        var endpoints = dns ? snapshot.Endpoints.Of(service, port, labels) : [];
        if (dns && endpoints.Count == 0)
            return null;
        return new OutboundClusterInput(
            ServiceIdentity.Of(service),
            service.Discovery,
            port.Number,
            port.Protocol,
            subset,
            service.Discovery == ServiceDiscovery.LogicalDns ? [endpoints[0]] : endpoints,
            PolicyResolution.For(rule, port.Number, subset, snapshot.Settings),
            rule?.Source,
            service.Discovery == ServiceDiscovery.OriginalDestination && service.Registry == ServiceRegistryKind.ServiceEntry && port.TargetPort != port.Number
                ? port.TargetPort : 0,
            defaults);
    }
}
