using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate.Routes;

/// <summary>Which virtual hosts and routes a named route configuration has for a profile (Istio, <c>httproute.go</c>).</summary>
internal sealed class RoutePlanner(MeshSnapshot snapshot, OutboundProfile profile)
{
    /// <summary>The only port on which a rule works for a host that no service claims (Istio).</summary>
    private const int PortOfUnclaimedHosts = 80;

    private readonly RulePlanner rules = new(snapshot, profile);

    public RouteTableInput Plan(string name)
    {
        if (RouteNames.Parse(name) is not { } parsed)
            return new RouteTableInput(name, [], null);
        return parsed.Host.Length > 0 ? OfService(name, parsed.Host, parsed.Port) : OfPort(name, parsed.Port);
    }

    /// <summary>A service on its own address whose protocol is found out: any Host header belongs to it.</summary>
    private RouteTableInput OfService(string name, string host, int port)
    {
        var listener = CatchAll();
        if (listener?.ServicesOf(host) is not { Count: > 0 } services || services[0].PortOf(port) is not { } servicePort)
            return new RouteTableInput(name, [], null);
        var rule = listener.RuleOf(host);
        return new RouteTableInput(name, [new VirtualHostInput(name, ["*"], rules.Routes(rule, services[0], servicePort.Number))], null);
    }

    private RouteTableInput OfPort(string name, int port)
    {
        var listener = profile.Scope.Listeners.FirstOrDefault(listener => listener.Port?.Number == port) ?? CatchAll();
        var hosts = listener is null ? [] : Hosts(listener, port);
        var unknown = UnknownDestination.Allows(profile.Scope) ? UnknownDestination.ClusterFor(profile.Scope, snapshot.Settings) : "";
        return new RouteTableInput(name, hosts, unknown);
    }

    private EgressListener? CatchAll() => profile.Scope.Listeners.FirstOrDefault(listener => listener.IsCatchAll);

    private ValueList<VirtualHostInput> Hosts(EgressListener listener, int port)
    {
        var claimed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var made = new List<VirtualHostInput>();
        var services = listener.Services
            .Where(service => service.Discovery != ServiceDiscovery.DynamicDns && service.PortOf(port) is { } own && (own.Protocol.IsHttp() || own.Protocol == Protocol.Auto))
            .GroupBy(service => service.Host, StringComparer.Ordinal)
            .Select(group => group.ToArray())
            .ToArray();
        if (port == PortOfUnclaimedHosts)
            made.AddRange(Unclaimed(listener, services.Select(group => group[0].Host), claimed));
        foreach (var group in services)
        {
            var rule = listener.RuleOf(group[0].Host);
            var domains = Domains(group).Where(claimed.Add).ToValueList();
            if (domains.Count > 0)
                made.Add(new VirtualHostInput($"{group[0].Host}:{port}", domains, rules.Routes(rule, group[0], port)));
        }

        return made.OrderBy(host => host.Name, StringComparer.Ordinal).ToValueList();
    }

    /// <summary>Hosts of rules for which no service exists.</summary>
    private IEnumerable<VirtualHostInput> Unclaimed(EgressListener listener, IEnumerable<string> serviceHosts, HashSet<string> claimed)
    {
        var known = serviceHosts.ToHashSet(StringComparer.Ordinal);
        foreach (var rule in listener.VirtualServices)
        {
            if (rule.Http.Count == 0)
                continue;
            foreach (var host in rule.Hosts.Where(host => !known.Contains(host) && !(host.StartsWith('*') && known.Any(service => new HostName(service).IsSubsetOf(host)))))
            {
                if (claimed.Add(host))
                    yield return new VirtualHostInput($"{host}:{PortOfUnclaimedHosts}", [host], rules.Routes(rule, null, PortOfUnclaimedHosts));
            }
        }
    }

    /// <summary>What a client may write in Host: the name, absolute too, the short forms of the cluster's own services, the addresses.</summary>
    private IEnumerable<string> Domains(MeshService[] sameHost)
    {
        var service = sameHost[0];
        yield return service.Host;
        if (!service.IsWildcardHost)
            yield return service.Host + ".";
        if (service.Registry == ServiceRegistryKind.Kubernetes)
        {
            if (service.Namespace == profile.Namespace)
                yield return service.Source.Name;
            yield return $"{service.Source.Name}.{service.Namespace}.svc";
            yield return $"{service.Source.Name}.{service.Namespace}";
        }

        foreach (var address in sameHost.Select(profile.AddressOf).Where(address => address != MeshService.NoAddress))
            yield return address.Contains(':', StringComparison.Ordinal) && !address.Contains('/', StringComparison.Ordinal) ? $"[{address}]" : address;
    }
}
