using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate.Clusters;

namespace Fairlead.ControlPlane.Translate.Listeners;

/// <summary>
/// The chains of one opaque service port: from the VirtualService that claims its host most closely, else one to the service's own cluster
/// (Istio, <c>tls.go</c>).
/// </summary>
internal sealed class TcpChainPlanner(MeshSnapshot snapshot, OutboundProfile profile)
{
    private readonly ClusterPlanner policies = new(snapshot, profile);
    private readonly DestinationResolver destinations = new(profile.Scope);

    public IEnumerable<TcpChain> Chains(EgressListener listener, MeshService service, MeshPort port, bool wildcard)
    {
        var ranges = Ranges(service, port, wildcard);
        if (ranges is null)
            return [];
        var timeouts = PolicyResolution.TcpFor(policies.RuleOf(service), port.Number, profile.Tcp);
        var rule = listener.RuleOf(service.Host);
        if (port.Protocol.IsTls())
        {
            var routed = rule is null ? [] : Tls(rule, port, ranges, timeouts).ToList();
            if (routed.Count > 0)
                return routed;
        }
        else if (rule is not null)
        {
            var routed = Tcp(rule, port, ranges, timeouts).ToList();
            if (routed.Count > 0)
                return routed;
        }

        var cluster = ClusterNames.Outbound(port.Number, "", service.Host);
        ValueList<string> names = port.Protocol.IsTls() && wildcard ? [service.Host] : [];
        return [new TcpChain(ranges, names, cluster, [new WeightedTarget(cluster)], timeouts)];
    }

    /// <summary>
    /// The addresses that a chain of the shared listener is for. A headless service is its pods' addresses, or it would take every connection to
    /// the port; null when it has none yet.
    /// </summary>
    private ValueList<string>? Ranges(MeshService service, MeshPort port, bool wildcard)
    {
        if (!wildcard)
            return [];
        if (service.HasCidrAddress)
            return [service.Address];
        if (!service.Headless || service.Selector is null)
            return service.HasAddress ? [service.Address] : [];
        var addresses = snapshot.Endpoints.Of(service, port).Select(endpoint => endpoint.Address).Distinct(StringComparer.Ordinal).ToValueList();
        return addresses.Count > 0 ? addresses : null;
    }

    private IEnumerable<TcpChain> Tls(MeshVirtualService rule, MeshPort port, ValueList<string> ranges, TcpTimeouts timeouts)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var route in rule.Tls)
        {
            foreach (var match in route.Match.Where(match => Applies(match, port)))
            {
                var subnets = match.DestinationSubnets.Count > 0 ? match.DestinationSubnets : ranges;
                var names = match.SniHosts.Select(host => host.Value.ToLowerInvariant())
                    .Where(name => seen.Add($"{name} {string.Join(',', subnets.Order(StringComparer.Ordinal))}"))
                    .ToValueList();
                if (names.Count > 0)
                    yield return Routed(rule, route.Route, port, subnets, names, timeouts);
            }
        }
    }

    private IEnumerable<TcpChain> Tcp(MeshVirtualService rule, MeshPort port, ValueList<string> ranges, TcpTimeouts timeouts)
    {
        foreach (var route in rule.Tcp)
        {
            if (route.Match.Count == 0)
            {
                yield return Routed(rule, route.Route, port, ranges, [], timeouts);
                yield break;
            }

            var applicable = route.Match.Where(match => Applies(match, port)).ToArray();
            foreach (var match in applicable)
            {
                yield return Routed(rule, route.Route, port, match.DestinationSubnets.Count > 0 ? match.DestinationSubnets : ranges, [], timeouts);
                // What follows could only have the same match.
                if (match.DestinationSubnets.Count == 0)
                    yield break;
            }
        }
    }

    private bool Applies(L4Match match, MeshPort port) =>
        (match.Port == 0 || match.Port == port.Number)
        && SourceMatch.Applies(match.Gateways, match.SourceLabels, match.SourceNamespace, profile);

    private TcpChain Routed(
        MeshVirtualService rule, ValueList<RouteDestination> routes, MeshPort port, ValueList<string> ranges, ValueList<string> names, TcpTimeouts timeouts)
    {
        var kept = routes.Count == 1 ? routes : routes.Where(route => route.Weight > 0).ToValueList();
        var targets = kept.Select(route => new WeightedTarget(destinations.ClusterOf(route.Destination, port.Number), (uint)Math.Max(1, route.Weight))).ToValueList();
        var prefix = targets.Count == 1 ? targets[0].Cluster : $"{rule.Source.Name}.{rule.Namespace}";
        return new TcpChain(ranges, names, prefix, targets.Count == 1 ? [targets[0] with { Weight = 1 }] : targets, timeouts);
    }
}
