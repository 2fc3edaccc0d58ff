using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>A workload that is no pod (Istio, <c>networking/v1alpha3/workload_entry.proto</c>).</summary>
public sealed record WorkloadEntry(ObjectMeta Meta, WorkloadSpec Spec)
{
    /// <summary>Labels that selectors see: the spec's, over which the metadata's win.</summary>
    public ValueMap<string> EffectiveLabels => Meta.Labels.Count == 0 ? Spec.Labels : Spec.Labels.Concat(Meta.Labels).ToValueMap();

    /// <summary>The status condition <c>Healthy</c>; null when nobody reports health.</summary>
    public bool? Healthy { get; init; }

    public static WorkloadEntry Read(KubeObject source) => new(ObjectMeta.Read(source), WorkloadSpec.Read(source.Spec ?? []))
    {
        Healthy = source.Status.List("conditions", Condition.Read).FirstOrDefault(condition => condition.Type == "Healthy")?.IsTrue,
    };
}

/// <summary>An endpoint: the body of a WorkloadEntry and of <c>ServiceEntry.spec.endpoints[]</c>.</summary>
public sealed record WorkloadSpec(string Address)
{
    /// <summary>Port name to number: replaces the service's target port of that name.</summary>
    public ValueMap<int> Ports { get; init; } = ValueMap<int>.Empty;

    public ValueMap<string> Labels { get; init; } = ValueMap<string>.Empty;
    public string Network { get; init; } = "";
    public Locality Locality { get; init; } = new("", "", "");

    /// <summary>Load-balancing weight; 0 when not given (counts as 1).</summary>
    public int Weight { get; init; }

    public string ServiceAccount { get; init; } = "";

    public bool IsUnixSocket => Address.StartsWith("unix://", StringComparison.Ordinal);

    public static WorkloadSpec Read(JsonObject node) => new(node.Text("address"))
    {
        Ports = node.IntMap("ports"),
        Labels = node.TextMap("labels"),
        Network = node.Text("network"),
        Locality = Locality.Parse(node.Text("locality")),
        Weight = node.Int("weight"),
        ServiceAccount = node.Text("serviceAccount"),
    };
}

/// <summary>A status condition; <paramref name="Status"/> is True, False or Unknown.</summary>
public sealed record Condition(string Type, string Status, string Reason, string Message)
{
    public bool IsTrue => Status == "True";

    public static Condition Read(JsonObject node) =>
        new(node.Text("type"), node.Text("status"), node.Text("reason"), node.Text("message"));
}
