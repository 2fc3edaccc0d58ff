using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// One outbound listener that a Sidecar asks for, or the catch-all of a namespace without one.
/// <c>Port</c>: Null for the catch-all: listeners follow the services' own ports.
/// </summary>
public sealed record EgressListener(SidecarPort? Port, string Bind, ValueList<MeshService> Services, ValueList<MeshVirtualService> VirtualServices)
{
    /// <summary>By list: namespaces that see the same rules share it.</summary>
    private static readonly ConditionalWeakTable<ValueList<MeshVirtualService>, RuleIndex> Rules = [];

    public bool IsCatchAll => Port is null;

    public ValueList<MeshService> ServicesOf(string host) => HostIndex.Of(Services).ServicesOf(host);

    /// <summary>Which VirtualService is a host's: the one whose host is most specific, the earlier of equal ones.</summary>
    public MeshVirtualService? RuleOf(string host)
    {
        var (exact, wildcards) = Rules.GetValue(VirtualServices, RulesByHost);
        if (exact.TryGetValue(host, out var own))
            return own;
        foreach (var (pattern, rule) in wildcards)
        {
            if (new HostName(host).IsSubsetOf(pattern))
                return rule;
        }

        return null;
    }

    private static RuleIndex RulesByHost(ValueList<MeshVirtualService> rules)
    {
        var exact = new Dictionary<string, MeshVirtualService>(StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            foreach (var host in rule.Hosts)
                exact.TryAdd(host, rule);
        }

        return new RuleIndex(
            exact.ToFrozenDictionary(StringComparer.Ordinal),
            [.. exact.Where(entry => entry.Key.StartsWith('*')).Select(entry => (new HostName(entry.Key), entry.Value)).OrderBy(entry => entry.Item1)]);
    }

    /// <summary>By the host as written; wildcards again, the most specific first.</summary>
    private sealed record RuleIndex(FrozenDictionary<string, MeshVirtualService> Exact, (HostName Pattern, MeshVirtualService Rule)[] Wildcards);

    public bool Equals(EgressListener? other) => other is not null && Port == other.Port && Bind == other.Bind
        && Services.Equals(other.Services) && VirtualServices.Equals(other.VirtualServices);

    public override int GetHashCode() => HashCode.Combine(Port, Bind, Services, VirtualServices);
}

/// <summary>
/// What the workloads of one namespace (under one Sidecar, or none) can see: for every host exactly one namespace's services
/// (Istio, <c>model/sidecar.go</c>). Shared by all their proxies.
/// </summary>
public sealed class SidecarScope
{
    public SidecarScope(string ns, Sidecar? sidecar, OutboundTrafficPolicy traffic, ValueList<EgressListener> listeners, ValueList<MeshService> services)
    {
        Namespace = ns;
        Sidecar = sidecar;
        Traffic = traffic;
        Listeners = listeners;
        Services = services;
    }

    public string Namespace { get; }

    public Sidecar? Sidecar { get; }

    /// <summary>What happens to traffic that no service claims.</summary>
    public OutboundTrafficPolicy Traffic { get; }

    /// <summary>Those with ports first, the catch-all last.</summary>
    public ValueList<EgressListener> Listeners { get; }

    /// <summary>Everything that clusters are made for: imported hosts and the destinations of imported rules, oldest first.</summary>
    public ValueList<MeshService> Services { get; }

    public ValueList<MeshService> ServicesOf(string host) => HostIndex.Of(Services).ServicesOf(host);

    public static SidecarScope Build(
        ServiceRegistry registry, VirtualServiceIndex rules, MeshSettings settings, string ns, Sidecar? sidecar)
    {
        var visible = ChooseNamespaces(registry.Services.Where(service => service.ExportTo.Includes(ns)), ns);
        // Most namespaces see everything: they then share one list, and what is indexed by it.
        if (visible.Count == registry.Services.Count)
            visible = registry.Services;
        var visibleRules = rules.VisibleTo(ns);
        var egress = sidecar is { Egress.Count: > 0 } ? sidecar.Egress : [new SidecarEgress(null, "", CaptureMode.Default, ["*/*"])];
        var listeners = egress
            .Select(listener => Import(listener, EgressImports.Parse(listener.Hosts, ns), registry, ns, visible, visibleRules))
            .ToValueList();
        var services = listeners.Count == 1 && ReferenceEquals(listeners[0].Services, visible)
            ? visible
            : WithDestinations(listeners, registry, ns);
        var traffic = sidecar?.OutboundTrafficPolicy ?? new OutboundTrafficPolicy(settings.OutboundTraffic, null);
        return new SidecarScope(ns, sidecar, traffic, listeners, services);
    }

    private static EgressListener Import(
        SidecarEgress listener,
        EgressImports imports,
        ServiceRegistry registry,
        string ns,
        ValueList<MeshService> visible,
        ValueList<MeshVirtualService> rules)
    {
        if (imports.Everything && listener.Port is null)
            return new EgressListener(null, listener.Bind, visible, rules);
        // Names are chosen among what is imported: importing other/host decides for that namespace.
        var imported = ChooseNamespaces(
            registry.Services.Where(service => service.ExportTo.Includes(ns) && imports.Includes(service.Namespace, service.Host)), ns);
        if (listener.Port is { } port)
            imported = imported.Where(service => service.PortOf(port.Number) is not null).ToValueList();
        return new EgressListener(
            listener.Port,
            listener.Bind,
            imported,
            rules.Where(rule => rule.Hosts.Any(host => imports.Overlaps(rule.Namespace, host))).ToValueList());
    }

    /// <summary>Rules may send to hosts that were not imported: their clusters are needed, from the own namespace or the oldest visible.</summary>
    private static ValueList<MeshService> WithDestinations(ValueList<EgressListener> listeners, ServiceRegistry registry, string ns)
    {
        var chosen = new Dictionary<string, string>(StringComparer.Ordinal);
        var services = new HashSet<MeshService>(ReferenceEqualityComparer.Instance);
        foreach (var service in listeners.SelectMany(listener => listener.Services))
        {
            if (chosen.TryAdd(service.Host, service.Namespace) || chosen[service.Host] == service.Namespace)
                services.Add(service);
        }

        foreach (var host in listeners.SelectMany(listener => listener.VirtualServices).SelectMany(rule => rule.DestinationHosts))
        {
            if (!chosen.ContainsKey(host))
                services.UnionWith(ChooseNamespaces(registry.Claiming(host).Where(service => service.ExportTo.Includes(ns)), ns));
        }

        return registry.Services.Where(services.Contains).ToValueList();
    }

    /// <summary>Of a host that several namespaces offer: the viewer's own, else Kubernetes', else the oldest; order is kept.</summary>
    private static ValueList<MeshService> ChooseNamespaces(IEnumerable<MeshService> services, string ns)
    {
        var list = services.ToArray();
        var chosen = new Dictionary<string, MeshService>(StringComparer.Ordinal);
        foreach (var service in list)
        {
            if (!chosen.TryGetValue(service.Host, out var current) || Rank(service, ns) < Rank(current, ns))
                chosen[service.Host] = service;
        }

        return list.Where(service => chosen[service.Host].Namespace == service.Namespace).ToValueList();
    }

    private static int Rank(MeshService service, string ns) =>
        service.Namespace == ns ? 0 : service.Registry == ServiceRegistryKind.Kubernetes ? 1 : 2;
}
