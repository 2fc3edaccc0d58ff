using System.Collections.Concurrent;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Ingest;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// The mesh at one moment, indexed for translation: immutable, a function of the resources alone. Built from the one before, it shares every
/// index whose inputs did not change; built from nothing it is equal.
/// </summary>
public sealed class MeshSnapshot
{
    private readonly ParsedResources parsed;
    private readonly ConcurrentDictionary<(string Namespace, Sidecar? Sidecar), SidecarScope> scopes;
    private readonly Dictionary<(string Namespace, string Name), WorkloadPod> podsByName;
    private readonly ValueList<ValueList<ServiceEndpoint>> plannedEndpoints;

    private MeshSnapshot(ResourceView view, MeshSnapshot? before)
    {
        Version = view.Version;
        parsed = ParsedResources.Read(view, before?.parsed);
        Settings = before is not null && before.Settings.Equals(parsed.Settings) ? before.Settings : parsed.Settings;
        var sameSettings = ReferenceEquals(before?.Settings, Settings);

        var sameServices = sameSettings && Same(before!.parsed.Services, parsed.Services) && Same(before.parsed.Entries, parsed.Entries);
        Services = sameServices ? before!.Services : ServiceRegistry.Build(
            parsed.Services.Concat(parsed.Entries.SelectMany(entry => ServiceEntries.Services(entry, Settings))));

        var samePods = before is not null && Same(before.parsed.Pods, parsed.Pods);
        podsByName = samePods ? before!.podsByName : parsed.Pods.ToDictionary(pod => (pod.Namespace, pod.Name));
        var sameEndpoints = samePods && sameServices
            && Same(before!.parsed.Slices, parsed.Slices) && Same(before.parsed.Workloads, parsed.Workloads);
        Endpoints = sameEndpoints ? before!.Endpoints : EndpointIndex.Build(EndpointSources.All(parsed, podsByName), before?.Endpoints);

        VirtualServices = sameSettings && Same(before!.parsed.VirtualServices, parsed.VirtualServices)
            ? before.VirtualServices : VirtualServiceIndex.Build(parsed.VirtualServices, Settings);
        DestinationRules = sameSettings && Same(before!.parsed.DestinationRules, parsed.DestinationRules)
            ? before.DestinationRules : DestinationRuleIndex.Build(parsed.DestinationRules, Settings);
        Sidecars = sameSettings && Same(before!.parsed.Sidecars, parsed.Sidecars)
            ? before.Sidecars : SidecarIndex.Build(parsed.Sidecars, Settings.RootNamespace);
        Telemetries = before is not null && Same(before.parsed.Telemetries, parsed.Telemetries)
            ? before.Telemetries : TelemetryIndex.Build(parsed.Telemetries);

        plannedEndpoints = PlannedEndpoints();
        var sameScopes = sameSettings
            && ReferenceEquals(before!.Services, Services)
            && ReferenceEquals(before.VirtualServices, VirtualServices)
            && ReferenceEquals(before.Sidecars, Sidecars);
        scopes = sameScopes ? before!.scopes : new();
        RoutingGeneration = sameScopes && ReferenceEquals(before!.DestinationRules, DestinationRules) && before.plannedEndpoints.Equals(plannedEndpoints)
            ? before.RoutingGeneration : new object();
        WorkloadGeneration = sameScopes && samePods && ReferenceEquals(before!.DestinationRules, DestinationRules) && ReferenceEquals(before.Telemetries, Telemetries)
            ? before.WorkloadGeneration : new object();
    }

    public static MeshSnapshot Empty { get; } = new(ResourceView.Empty, null);

    /// <summary>Of the resources that this was built from.</summary>
    public long Version { get; }

    public MeshSettings Settings { get; }
    public ServiceRegistry Services { get; }
    public EndpointIndex Endpoints { get; }
    public VirtualServiceIndex VirtualServices { get; }
    public DestinationRuleIndex DestinationRules { get; }
    public SidecarIndex Sidecars { get; }
    public TelemetryIndex Telemetries { get; }

    /// <summary>What does not take part in translation as written, over all objects, in a stable order.</summary>
    public IEnumerable<TranslationFinding> Findings => parsed.Findings
        .Concat(Services.Findings)
        .Concat(VirtualServices.Findings)
        .Concat(DestinationRules.Findings)
        .Concat(Sidecars.Findings)
        .Concat(Telemetries.Findings)
        .Concat(parsed.Untranslated);

    /// <summary>
    /// Identity of everything but load-balanced endpoints, telemetry and workloads: while it stays, so do the listeners, routes and clusters of
    /// every proxy that asks the same way.
    /// </summary>
    public object RoutingGeneration { get; }

    /// <summary>Identity of everything but endpoints: while it stays, a proxy has the same profile and the same inbound side.</summary>
    public object WorkloadGeneration { get; }

    /// <param name="view">The resources now.</param>
    /// <param name="before">The snapshot of the same store before; null for a fresh start.</param>
    public static MeshSnapshot Build(ResourceView view, MeshSnapshot? before = null) => new(view, before);

    /// <summary>What the workloads of a namespace with these labels can see.</summary>
    public SidecarScope ScopeOf(string ns, IReadOnlyDictionary<string, string> labels)
    {
        var sidecar = Sidecars.For(ns, labels);
        return scopes.GetOrAdd((ns, sidecar), key => SidecarScope.Build(Services, VirtualServices, Settings, key.Namespace, key.Sidecar));
    }

    public WorkloadPod? Pod(string ns, string name) => podsByName.GetValueOrDefault((ns, name));

    /// <summary>Endpoints that clusters and listeners name themselves instead of leaving them to EDS: of DNS clusters and headless services.</summary>
    private ValueList<ValueList<ServiceEndpoint>> PlannedEndpoints() => Services.Services
        .Where(service => service.Headless || service.Discovery is ServiceDiscovery.StrictDns or ServiceDiscovery.LogicalDns)
        .Select(service => Endpoints.Of(service.Namespace, service.Host))
        .ToValueList();

    private static bool Same<T>(ValueList<T> left, ValueList<T> right) => ReferenceEquals(left, right);
}
