using System.Collections.Concurrent;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate.Clusters;
using Fairlead.ControlPlane.Translate.Endpoints;
using Fairlead.ControlPlane.Translate.Listeners;
using Fairlead.ControlPlane.Translate.Routes;
using Fairlead.Xds.Protocol;

namespace Fairlead.ControlPlane.Translate;

/// <summary>The outbound resources of one profile, each made when it is first asked for.</summary>
internal sealed class OutboundResources
{
    private readonly ResourceCache cache;
    private readonly Lazy<(ValueList<XdsResource> Made, ValueList<TranslationFinding> Findings)> listeners;
    private readonly Lazy<ValueList<XdsResource>> clusters;
    private readonly ConcurrentDictionary<string, XdsResource> routes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<NameSet, XdsResources> tables = new();
    private readonly ConcurrentDictionary<string, (MeshService Service, ValueList<ServiceEndpoint> Of, XdsResource Made)> assignments = new(StringComparer.Ordinal);
    private readonly RoutePlanner routePlanner;

    public OutboundResources(MeshSnapshot snapshot, OutboundProfile profile, ResourceCache cache)
    {
        this.cache = cache;
        Profile = profile;
        routePlanner = new RoutePlanner(snapshot, profile);
        listeners = new Lazy<(ValueList<XdsResource>, ValueList<TranslationFinding>)>(() =>
        {
            // The plan itself is not kept: of each generation it would be a copy of what the cache has as keys.
            var plan = new OutboundPlanner(snapshot, profile).Plan();
            var made = plan.Listeners
                .Select(input => cache.Get(input, static input => XdsResource.Of(input.Name, OutboundListener.Build(input))))
                .Append(cache.Get(plan.Defaults, static defaults => XdsResource.Of("virtualOutbound", VirtualOutbound.Build(defaults))))
                .ToValueList();
            return (made, plan.Findings);
        });
        clusters = new Lazy<ValueList<XdsResource>>(() => Standing(snapshot)
            .Concat(new ClusterPlanner(snapshot, profile).Plan()
                .Select(input => cache.Get(input, static input => XdsResource.Of(input.Name, OutboundCluster.Build(input)))))
            .ToValueList());
    }

    public OutboundProfile Profile { get; }

    public ValueList<XdsResource> Listeners => listeners.Value.Made;

    public ValueList<XdsResource> Clusters => clusters.Value;

    public ValueList<TranslationFinding> Findings => listeners.Value.Findings;

    /// <summary>A name that no listener uses gives an empty table, as istiod does: the proxy must not wait for ever.</summary>
    public XdsResources Routes(NameSet names)
    {
        if (tables.Count > XdsGenerator.MemoLimit)
            tables.Clear();
        return tables.GetOrAdd(names, names => new XdsResources(names.Select(name => routes.GetOrAdd(name, Build)).ToValueList(), []));
    }

    /// <summary>The assignments of these clusters; only services whose endpoints changed since the last call are looked at again.</summary>
    public XdsResources Endpoints(MeshSnapshot snapshot, NameSet names)
    {
        var planner = new EndpointPlanner(snapshot, Profile);
        var made = new List<XdsResource>(names.Count);
        var missing = new List<string>();
        foreach (var name in names.Ordered)
        {
            if (AssignmentOf(name, planner) is { } assignment)
                made.Add(assignment);
            else
                missing.Add(name);
        }
        return new XdsResources(made.ToValueList(), missing.ToValueList());
    }

    private XdsResource? AssignmentOf(string name, EndpointPlanner planner)
    {
        if (assignments.TryGetValue(name, out var known) && ReferenceEquals(known.Of, planner.Behind(known.Service)))
            return known.Made;
        if (planner.ServiceOf(name) is not { } service || planner.Plan(name) is not { } input)
            return null;
        var made = cache.Get(input, static input => XdsResource.Of(input.Cluster, LoadAssignment.Build(input)));
        assignments[name] = (service, planner.Behind(service), made);
        return made;
    }

    private XdsResource Build(string name) =>
        cache.Get(routePlanner.Plan(name), RouteTable.Build);

    private IEnumerable<XdsResource> Standing(MeshSnapshot snapshot)
    {
        var pool = PolicyResolution.ToCluster(null, snapshot.Settings);
        yield return cache.Get(new StandingInput(ClusterNames.Passthrough, snapshot.Settings.ConnectTimeout, pool), StandingInput.Build);
        yield return cache.Get(new StandingInput(ClusterNames.BlackHole, snapshot.Settings.ConnectTimeout, pool), StandingInput.Build);
        yield return cache.Get(new StandingInput(ClusterNames.InboundPassthrough, snapshot.Settings.ConnectTimeout, pool), StandingInput.Build);
    }
}
