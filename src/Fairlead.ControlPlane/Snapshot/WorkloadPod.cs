using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>What endpoints and proxies take from a pod.</summary>
public sealed record WorkloadPod(string Namespace, string Name)
{
    public string Ip { get; init; } = "";
    public string NodeName { get; init; } = "";
    public string ServiceAccount { get; init; } = "";
    public ValueMap<string> Labels { get; init; } = ValueMap<string>.Empty;

    /// <summary>Container ports by name, for services whose targetPort is a name.</summary>
    public ValueMap<int> Ports { get; init; } = ValueMap<int>.Empty;

    public bool Ready { get; init; }

    public static WorkloadPod Read(KubeObject target) => new(target.Namespace, target.Name)
    {
        Ip = target.Status.Text("podIP"),
        NodeName = target.Spec.Text("nodeName"),
        ServiceAccount = target.Spec.Text("serviceAccountName"),
        Labels = target.Labels.ToValueMap(),
        Ports = PortsOf(target.Spec).ToValueMap(),
        Ready = target.Status.List("conditions", condition => condition.Text("type") == "Ready" && condition.Text("status") == "True").Contains(true),
    };

    /// <summary><c>workload;namespace;canonical-name;canonical-revision;cluster</c>, as Istio's endpoint metadata.</summary>
    public string Identity(string clusterId)
    {
        var workload = Labels.GetValueOrDefault("service.istio.io/workload-name") ?? OwnerFromName();
        var name = Labels.GetValueOrDefault("service.istio.io/canonical-name")
            ?? Labels.GetValueOrDefault("app.kubernetes.io/name") ?? Labels.GetValueOrDefault("app") ?? workload;
        var revision = Labels.GetValueOrDefault("service.istio.io/canonical-revision")
            ?? Labels.GetValueOrDefault("app.kubernetes.io/version") ?? Labels.GetValueOrDefault("version") ?? "latest";
        return $"{workload};{Namespace};{name};{revision};{clusterId}";
    }

    /// <summary>A pod of a Deployment is called <c>deployment-hash-suffix</c>; its hash is also a label.</summary>
    private string OwnerFromName()
    {
        if (Labels.TryGetValue("pod-template-hash", out var hash)
            && Name.IndexOf($"-{hash}", StringComparison.Ordinal) is var at and > 0)
            return Name[..at];
        return Name;
    }

    private static IEnumerable<KeyValuePair<string, int>> PortsOf(JsonObject? spec)
    {
        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var ports in spec.List(list, container => container.List("ports", port => (Name: port.Text("name"), Number: port.Int("containerPort")))))
            {
                foreach (var (name, number) in ports)
                {
                    if (name.Length > 0)
                        yield return new(name, number);
                }
            }
        }
    }
}
