using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Analysis;

/// <summary>The objects of an analysis, typed and indexed once.</summary>
internal sealed class AnalysisModel
{
    private readonly Dictionary<string, List<Workload>> workloads = new(StringComparer.Ordinal);
    private readonly HashSet<(string Kind, string Namespace, string Name)> names = [];

    public AnalysisModel(AnalysisInput input)
    {
        Input = input;
        foreach (var target in input.Objects)
        {
            names.Add((target.Kind, target.Namespace, target.Name));
            Sort(target);
        }
        Registry = new HostRegistry(Services, Entries, input.Mesh);
        foreach (var (_, pod) in Pods)
            AddWorkload(new(pod.Meta.Namespace, pod.Meta.Name, pod.Meta.Labels));
        foreach (var (_, deployment) in Deployments)
            AddWorkload(new(deployment.Meta.Namespace, deployment.Meta.Name, deployment.Template.Meta.Labels));
        foreach (var (_, entry) in WorkloadEntries)
            AddWorkload(new(entry.Meta.Namespace, entry.Meta.Name, entry.EffectiveLabels));
    }

    public AnalysisInput Input { get; }
    public MeshConfig Mesh => Input.Mesh;
    public HostRegistry Registry { get; }
    public List<Item<ServiceEntry>> Entries { get; } = [];
    public List<Item<VirtualService>> VirtualServices { get; } = [];
    public List<Item<DestinationRule>> DestinationRules { get; } = [];
    public List<Item<Sidecar>> Sidecars { get; } = [];
    public List<Item<WorkloadEntry>> WorkloadEntries { get; } = [];
    public List<Item<Telemetry>> Telemetries { get; } = [];
    public List<Item<Service>> Services { get; } = [];
    public List<Item<Pod>> Pods { get; } = [];
    public List<Item<Deployment>> Deployments { get; } = [];
    public List<Item<Namespace>> Namespaces { get; } = [];
    public List<Item<WebhookConfiguration>> Webhooks { get; } = [];

    /// <summary>Whether the input knows any workload: without, that a selector matches nothing says nothing.</summary>
    public bool KnowsWorkloads => workloads.Count > 0;

    public bool Exists(string kind, string @namespace, string name) => names.Contains((kind, @namespace, name));

    /// <summary>Whether the input holds any object of a kind.</summary>
    public bool Knows(string kind) => Input.Objects.Any(target => target.Kind == kind);

    public IReadOnlyList<Workload> Workloads(string @namespace) => workloads.GetValueOrDefault(@namespace) ?? [];

    public bool SelectsAny(string @namespace, IEnumerable<KeyValuePair<string, string>> labels)
    {
        var wanted = labels.ToArray();
        return Workloads(@namespace).Any(workload => workload.Has(wanted));
    }

    /// <summary>A workload's labels, whatever kind it is.</summary>
    public sealed record Workload(string Namespace, string Name, ValueMap<string> Labels)
    {
        public bool Has(IEnumerable<KeyValuePair<string, string>> wanted) =>
            wanted.All(label => Labels.TryGetValue(label.Key, out var value) && value == label.Value);
    }

    private void AddWorkload(Workload workload)
    {
        if (!workloads.TryGetValue(workload.Namespace, out var list))
            workloads[workload.Namespace] = list = [];
        list.Add(workload);
    }

    private void Sort(KubeObject target)
    {
        switch (target.Group, target.Kind)
        {
            case ("networking.istio.io", "ServiceEntry"):
                Entries.Add(new(target, ServiceEntry.Read(target)));
                break;
            case ("networking.istio.io", "VirtualService"):
                VirtualServices.Add(new(target, VirtualService.Read(target)));
                break;
            case ("networking.istio.io", "DestinationRule"):
                DestinationRules.Add(new(target, DestinationRule.Read(target)));
                break;
            case ("networking.istio.io", "Sidecar"):
                Sidecars.Add(new(target, Sidecar.Read(target)));
                break;
            case ("networking.istio.io", "WorkloadEntry"):
                WorkloadEntries.Add(new(target, WorkloadEntry.Read(target)));
                break;
            case ("telemetry.istio.io", "Telemetry"):
                Telemetries.Add(new(target, Telemetry.Read(target)));
                break;
            case ("", "Service"):
                Services.Add(new(target, Service.Read(target)));
                break;
            case ("", "Pod"):
                Pods.Add(new(target, Pod.Read(target)));
                break;
            case ("", "Namespace"):
                Namespaces.Add(new(target, Kinds.Namespace.Read(target)));
                break;
            case ("apps", "Deployment"):
                Deployments.Add(new(target, Deployment.Read(target)));
                break;
            case ("admissionregistration.k8s.io", _):
                Webhooks.Add(new(target, WebhookConfiguration.Read(target)));
                break;
        }
    }
}
