using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>A Kubernetes Service.</summary>
public sealed record Service(ObjectMeta Meta)
{
    public const string Headless = "None";

    /// <summary>ClusterIP, NodePort, LoadBalancer or ExternalName.</summary>
    public string Type { get; init; } = "ClusterIP";

    /// <summary>Empty before one is allocated; <see cref="Headless"/> when there is to be none.</summary>
    public string ClusterIp { get; init; } = "";

    public ValueList<string> ClusterIps { get; init; } = ValueList<string>.Empty;
    public ValueList<string> ExternalIps { get; init; } = ValueList<string>.Empty;
    public string ExternalName { get; init; } = "";

    /// <summary>Null: endpoints are kept by somebody else.</summary>
    public ValueMap<string>? Selector { get; init; }

    public ValueList<ServicePort> Ports { get; init; } = ValueList<ServicePort>.Empty;
    public string SessionAffinity { get; init; } = "None";
    public bool PublishNotReadyAddresses { get; init; }
    public string InternalTrafficPolicy { get; init; } = "Cluster";
    public string TrafficDistribution { get; init; } = "";

    /// <summary>The annotation <c>networking.istio.io/exportTo</c>, split at commas.</summary>
    public ValueList<string> ExportTo { get; init; } = ValueList<string>.Empty;

    public bool IsHeadless => ClusterIp == Headless;

    public bool IsExternalName => Type == "ExternalName";

    public static Service Read(KubeObject source)
    {
        var spec = source.Spec;
        var meta = ObjectMeta.Read(source);
        return new Service(meta)
        {
            Type = spec.OptionalText("type") ?? "ClusterIP",
            ClusterIp = spec.Text("clusterIP"),
            ClusterIps = spec.TextList("clusterIPs"),
            ExternalIps = spec.TextList("externalIPs"),
            ExternalName = spec.Text("externalName"),
            Selector = spec.Object("selector") is { Count: > 0 } ? spec.TextMap("selector") : null,
            Ports = spec.List("ports", ServicePort.Read),
            SessionAffinity = spec.OptionalText("sessionAffinity") ?? "None",
            PublishNotReadyAddresses = spec.Flag("publishNotReadyAddresses"),
            InternalTrafficPolicy = spec.OptionalText("internalTrafficPolicy") ?? "Cluster",
            TrafficDistribution = spec.Text("trafficDistribution"),
            ExportTo = meta.Annotations.GetValueOrDefault("networking.istio.io/exportTo", "")
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToValueList(),
        };
    }
}

/// <summary>A port of a Service. <paramref name="Transport"/> is TCP, UDP or SCTP; an empty target is the port itself.</summary>
public sealed record ServicePort(string Name, int Number, string Transport, IntOrText TargetPort, int NodePort, string AppProtocol)
{
    /// <summary>What the port speaks, by Istio's rules.</summary>
    public Protocol Protocol => Protocols.OfServicePort(Transport, AppProtocol, Name, Number);

    public static ServicePort Read(JsonObject node) => new(
        node.Text("name"),
        node.Int("port"),
        node.OptionalText("protocol") ?? "TCP",
        IntOrText.Read(node["targetPort"]) is { IsEmpty: false } target ? target : new IntOrText(node.Int("port"), ""),
        node.Int("nodePort"),
        node.Text("appProtocol"));
}
