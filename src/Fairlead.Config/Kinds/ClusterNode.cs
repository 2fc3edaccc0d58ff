using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>The kind Node: a machine that runs pods.</summary>
public sealed record ClusterNode(ObjectMeta Meta)
{
    public string PodCidr { get; init; } = "";
    public ValueList<NodeAddress> Addresses { get; init; } = ValueList<NodeAddress>.Empty;

    /// <summary>Port of the node's HTTPS endpoint; 0 when the node has none.</summary>
    public int DaemonPort { get; init; }

    public bool IsReady { get; init; }

    public string InternalIp => Addresses.FirstOrDefault(address => address.Type == "InternalIP")?.Address ?? "";

    /// <summary>From the well-known topology labels.</summary>
    public Locality Locality => new(
        Meta.Labels.GetValueOrDefault("topology.kubernetes.io/region", ""),
        Meta.Labels.GetValueOrDefault("topology.kubernetes.io/zone", ""),
        Meta.Labels.GetValueOrDefault("topology.istio.io/subzone", ""));

    public static ClusterNode Read(KubeObject source) => new(ObjectMeta.Read(source))
    {
        PodCidr = source.Spec.Text("podCIDR"),
        Addresses = source.Status.List("addresses", item => new NodeAddress(item.Text("type"), item.Text("address"))),
        DaemonPort = source.Status.Object("daemonEndpoints").Object("kubeletEndpoint").Int("Port"),
        IsReady = source.Status.List("conditions", Condition.Read).Any(condition => condition is { Type: "Ready", IsTrue: true }),
    };
}

public sealed record NodeAddress(string Type, string Address);
