using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate.Routes;

/// <summary>Which virtual hosts and routes a named route configuration has for a profile (Istio, <c>httproute.go</c>).</summary>
internal sealed class RoutePlanner(MeshSnapshot snapshot, OutboundProfile profile)
{
    /// <summary>The only port on which a rule works for a host that no service claims (Istio).</summary>
    private const int PortOfUnclaimedHosts = 80;

    /// <summary>
    /// The last virtual host of a service, by what its domains depend on: port, whether the client is in its namespace, whether names without address have one. A
    /// change of one rule plans every table of every namespace again, and finds nearly all of their hosts here.
    /// </summary>
    private static readonly ConditionalWeakTable<MeshService, ConcurrentDictionary<(int Port, bool SameNamespace, bool CapturesDns, bool CountsAttempts), VirtualHostInput>> KnownHosts = [];

    private bool CountsAttempts => profile.Http.Headers.AttemptCount;

    private readonly RulePlanner rules = new(snapshot, profile);

    public RouteTableInput Plan(string name)
    {
        if (RouteNames.Parse(name) is not { } parsed)
            return new RouteTableInput(name, [], null, CountsAttempts);
        return parsed.Host.Length > 0 ? OfService(name, parsed.Host, parsed.Port) : OfPort(name, parsed.Port);
    }

    /// <summary>A service on its own address whose protocol is found out: any Host header belongs to it.</summary>
    private RouteTableInput OfService(string name, string host, int port)
    {
        var listener = CatchAll();
        if (listener?.ServicesOf(host) is not { Count: > 0 } services || services[0].PortOf(port) is not { } servicePort)
            return new RouteTableInput(name, [], null, CountsAttempts);
        var rule = listener.RuleOf(host);
        return new RouteTableInput(name, [new VirtualHostInput(name, ["*"], rules.Routes(rule, services[0], servicePort.Number, null), CountsAttempts)], null, CountsAttempts);
    }

    private RouteTableInput OfPort(string name, int port)
    {
        var listener = profile.Scope.Listeners.FirstOrDefault(listener => listener.Port?.Number == port) ?? CatchAll();
        var hosts = listener is null ? [] : Hosts(listener, port);
        var unknown = UnknownDestination.Allows(profile.Scope) ? UnknownDestination.ClusterFor(profile.Scope, snapshot.Settings) : "";
        return new RouteTableInput(name, hosts, unknown, CountsAttempts);
    }

    private EgressListener? CatchAll() => profile.Scope.Listeners.FirstOrDefault(listener => listener.IsCatchAll);

    private ValueList<VirtualHostInput> Hosts(EgressListener listener, int port)
    {
        var claimed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var made = new List<VirtualHostInput>();
        if (port == PortOfUnclaimedHosts)
            made.AddRange(Unclaimed(listener, claimed));
        foreach (var service in listener.Services)
        {
            if (!IsRouted(service, port))
                continue;
            var sameHost = listener.ServicesOf(service.Host);
            if (sameHost.Count > 1)
            {
                sameHost = sameHost.Where(same => IsRouted(same, port)).ToValueList();
                if (!ReferenceEquals(sameHost[0], service))
                    continue;
            }
            if (HostOf(sameHost, listener.RuleOf(service.Host), port, claimed) is { } host)
                made.Add(host);
        }

        return made.OrderBy(host => host.Name, StringComparer.Ordinal).ToValueList();
    }

    private static bool IsRouted(MeshService service, int port) =>
        service.Discovery != ServiceDiscovery.DynamicDns && service.PortOf(port) is { } own && (own.Protocol.IsHttp() || own.Protocol == Protocol.Auto);

    /// <summary>Null when every one of its domains is another's.</summary>
    private VirtualHostInput? HostOf(ValueList<MeshService> sameHost, MeshVirtualService? rule, int port, HashSet<string> claimed)
    {
        var service = sameHost[0];
        var known = sameHost.Count == 1 ? KnownHosts.GetOrCreateValue(service) : null;
        var view = (port, service.Namespace == profile.Namespace, profile.CapturesDns, CountsAttempts);
        var before = known?.GetValueOrDefault(view);
        var domains = before?.Domains ?? Domains(sameHost).ToValueList();
        var routes = rules.Routes(rule, service, port, before?.Routes);
        var own = Claim(domains, claimed);
        if (!ReferenceEquals(own, domains))
            return own.Count == 0 ? null : new VirtualHostInput($"{service.Host}:{port}", own, routes, CountsAttempts);
        if (before is not null && ReferenceEquals(routes, before.Routes))
            return before;
        var made = new VirtualHostInput($"{service.Host}:{port}", domains, routes, CountsAttempts);
        if (known is not null)
            known[view] = made;
        return made;
    }

    /// <summary>Those of the domains that no virtual host of the table has yet; the list itself when that is all of them.</summary>
    private static ValueList<string> Claim(ValueList<string> domains, HashSet<string> claimed)
    {
        List<string>? some = null;
        for (var i = 0; i < domains.Count; i++)
        {
            if (!claimed.Add(domains[i]))
                some ??= [.. domains.Take(i)];
            else
                some?.Add(domains[i]);
        }
        return some?.ToValueList() ?? domains;
    }

    /// <summary>Hosts of rules for which no service exists.</summary>
    private IEnumerable<VirtualHostInput> Unclaimed(EgressListener listener, HashSet<string> claimed)
    {
        foreach (var rule in listener.VirtualServices)
        {
            if (rule.Http.Count == 0)
                continue;
            foreach (var host in rule.Hosts.Where(host => !IsServed(listener, host)))
            {
                if (claimed.Add(host))
                    yield return new VirtualHostInput($"{host}:{PortOfUnclaimedHosts}", [host], rules.Routes(rule, null, PortOfUnclaimedHosts, null), CountsAttempts);
            }
        }
    }

    private static bool IsServed(EgressListener listener, string host) =>
        listener.ServicesOf(host).Any(service => IsRouted(service, PortOfUnclaimedHosts))
        || (host.StartsWith('*') && listener.Services.Any(service => IsRouted(service, PortOfUnclaimedHosts) && new HostName(service.Host).IsSubsetOf(host)));

    /// <summary>What a client may write in Host: the name, absolute too, the short forms of the cluster's own services, the addresses.</summary>
    private IEnumerable<string> Domains(ValueList<MeshService> sameHost)
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
