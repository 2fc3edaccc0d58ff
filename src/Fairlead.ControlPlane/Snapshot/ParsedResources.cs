using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Ingest;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>Every kind that translation reads, as records; what did not change is shared with the resources before.</summary>
internal sealed class ParsedResources
{
    private readonly ParsedKind<MeshService> services;
    private readonly ParsedKind<EndpointSliceRecord> slices;
    private readonly ParsedKind<WorkloadPod> pods;
    private readonly ParsedKind<ServiceEntry> entries;
    private readonly ParsedKind<WorkloadEntry> workloads;
    private readonly ParsedKind<VirtualService> virtualServices;
    private readonly ParsedKind<DestinationRule> destinationRules;
    private readonly ParsedKind<Sidecar> sidecars;
    private readonly ParsedKind<Telemetry> telemetries;
    private readonly ParsedKind<MeshConfigMap> meshConfigs;

    private ParsedResources(ResourceView view, ParsedResources? before)
    {
        meshConfigs = ParsedKind<MeshConfigMap>.Read(view.Kind(KindTable.ConfigMap), before?.meshConfigs, MeshConfigMap.Read);
        var mesh = meshConfigs.Items.FirstOrDefault(map => map.IsMesh);
        Settings = mesh?.Settings ?? MeshSettings.Default;
        Findings = mesh is { Error.Length: > 0 }
            ? [new TranslationFinding(mesh.Source, "data.mesh", FindingCodes.NoEffect, $"{mesh.Error}; the defaults are in force")]
            : mesh is null ? [] : Settings.Headers.Unacted.Select(field => new TranslationFinding(
                mesh.Source, $"data.mesh: defaultConfig.proxyHeaders.{field}", FindingCodes.NotSupported, "it does not act; headers are as without it")).ToValueList();
        services = ParsedKind<MeshService>.Read(
            view.Kind(KindTable.Service), before?.services, target => KubernetesServices.Read(target, MeshSettings.Default.DomainSuffix));
        slices = ParsedKind<EndpointSliceRecord>.Read(view.Kind(KindTable.EndpointSlice), before?.slices, EndpointSliceRecord.Read);
        pods = ParsedKind<WorkloadPod>.Read(view.Kind(KindTable.Pod), before?.pods, WorkloadPod.Read);
        entries = ParsedKind<ServiceEntry>.Read(view.Kind(KindTable.ServiceEntry), before?.entries, ServiceEntry.Read);
        workloads = ParsedKind<WorkloadEntry>.Read(view.Kind(KindTable.WorkloadEntry), before?.workloads, WorkloadEntry.Read);
        virtualServices = ParsedKind<VirtualService>.Read(view.Kind(KindTable.VirtualService), before?.virtualServices, VirtualService.Read);
        destinationRules = ParsedKind<DestinationRule>.Read(view.Kind(KindTable.DestinationRule), before?.destinationRules, DestinationRule.Read);
        sidecars = ParsedKind<Sidecar>.Read(view.Kind(KindTable.Sidecar), before?.sidecars, Sidecar.Read);
        telemetries = ParsedKind<Telemetry>.Read(view.Kind(KindTable.Telemetry), before?.telemetries, Telemetry.Read);
    }

    public MeshSettings Settings { get; }
    public ValueList<TranslationFinding> Findings { get; }
    public ValueList<MeshService> Services => services.Items;
    public ValueList<EndpointSliceRecord> Slices => slices.Items;
    public ValueList<WorkloadPod> Pods => pods.Items;
    public ValueList<ServiceEntry> Entries => entries.Items;
    public ValueList<WorkloadEntry> Workloads => workloads.Items;
    public ValueList<VirtualService> VirtualServices => virtualServices.Items;
    public ValueList<DestinationRule> DestinationRules => destinationRules.Items;
    public ValueList<Sidecar> Sidecars => sidecars.Items;
    public ValueList<Telemetry> Telemetries => telemetries.Items;

    /// <summary>Fields of all objects that are valid and not acted on.</summary>
    public IEnumerable<TranslationFinding> Untranslated => VirtualServices.SelectMany(UntranslatedFields.Of)
        .Concat(DestinationRules.SelectMany(UntranslatedFields.Of))
        .Concat(Entries.SelectMany(UntranslatedFields.Of))
        .Concat(Sidecars.SelectMany(UntranslatedFields.Of))
        .Concat(Telemetries.SelectMany(item => UntranslatedFields.Of(item, Settings)));

    public static ParsedResources Read(ResourceView view, ParsedResources? before) => new(view, before);

    private sealed record MeshConfigMap(string Namespace, string Name, MeshSettings Settings, string Error)
    {
        public SourceReference Source => new("ConfigMap", Namespace, Name);

        public bool IsMesh => Namespace == WatchedKinds.RootNamespace && Name == WatchedKinds.MeshConfigMap;

        public static MeshConfigMap Read(KubeObject target)
        {
            var mesh = MeshConfig.Parse(target.Root.Object("data").Text(MeshConfig.ConfigMapKey), out var fault);
            return new MeshConfigMap(target.Namespace, target.Name, MeshSettings.Of(mesh), fault is null ? "" : $"line {fault.Position.Line}: {fault.Message}");
        }
    }
}
