using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

public enum CaptureMode
{
    Default,
    IpTables,
    None,
}

public enum OutboundTrafficMode
{
    RegistryOnly,
    AllowAny,

    /// <summary>Mesh only: unknown plaintext HTTP is resolved again by its Host.</summary>
    AllowAnyDynamicDns,
}

/// <summary>What a workload's sidecar accepts and can reach (Istio, <c>networking/v1alpha3/sidecar.proto</c>).</summary>
public sealed record Sidecar(ObjectMeta Meta)
{
    internal static readonly string[] CaptureModes = ["DEFAULT", "IPTABLES", "NONE"];

    /// <summary>Labels of the pods it is for; null means the whole namespace (in the root namespace: the mesh).</summary>
    public ValueMap<string>? WorkloadSelector { get; init; }

    public ValueList<SidecarIngress> Ingress { get; init; } = ValueList<SidecarIngress>.Empty;
    public ValueList<SidecarEgress> Egress { get; init; } = ValueList<SidecarEgress>.Empty;

    /// <summary>Null: the mesh's policy.</summary>
    public OutboundTrafficPolicy? OutboundTrafficPolicy { get; init; }

    public ConnectionPool? InboundConnectionPool { get; init; }

    public static Sidecar Read(KubeObject source)
    {
        var spec = source.Spec;
        return new Sidecar(ObjectMeta.Read(source))
        {
            WorkloadSelector = spec.Object("workloadSelector")?.TextMap("labels"),
            Ingress = spec.List("ingress", SidecarIngress.Read),
            Egress = spec.List("egress", SidecarEgress.Read),
            OutboundTrafficPolicy = spec.Optional("outboundTrafficPolicy", OutboundTrafficPolicy.Read),
            InboundConnectionPool = spec.Optional("inboundConnectionPool", ConnectionPool.Read),
        };
    }
}

/// <summary>A port of a Sidecar listener.</summary>
public sealed record SidecarPort(int Number, Protocol Protocol, string Name)
{
    public static SidecarPort Read(JsonObject node) => new(node.Int("number"), Protocols.Parse(node.Text("protocol")), node.Text("name"));
}

/// <summary>An inbound listener. <paramref name="DefaultEndpoint"/> is <c>address:port</c> or <c>unix://path</c>.</summary>
public sealed record SidecarIngress(SidecarPort Port, string Bind, CaptureMode CaptureMode, string DefaultEndpoint)
{
    public ConnectionPool? ConnectionPool { get; init; }
    public ServerTls? Tls { get; init; }

    public static SidecarIngress Read(JsonObject node) => new(
        SidecarPort.Read(node.Object("port") ?? []),
        node.Text("bind"),
        (CaptureMode)node.Enumerated("captureMode", Sidecar.CaptureModes),
        node.Text("defaultEndpoint"))
    {
        ConnectionPool = node.Optional("connectionPool", ConnectionPool.Read),
        Tls = node.Optional("tls", ServerTls.Read),
    };
}

/// <summary>An outbound listener. Hosts are <c>namespace/host</c>; <paramref name="Port"/> is null for the catch-all listener.</summary>
public sealed record SidecarEgress(SidecarPort? Port, string Bind, CaptureMode CaptureMode, ValueList<string> Hosts)
{
    public static SidecarEgress Read(JsonObject node) => new(
        node.Optional("port", SidecarPort.Read),
        node.Text("bind"),
        (CaptureMode)node.Enumerated("captureMode", Sidecar.CaptureModes),
        node.TextList("hosts"));
}

/// <summary>What happens to traffic that no service claims. The proto's default, RegistryOnly, holds when the block is there without a mode.</summary>
public sealed record OutboundTrafficPolicy(OutboundTrafficMode Mode, Destination? EgressProxy)
{
    public static OutboundTrafficPolicy Read(JsonObject node) => new(
        node.Enumerated("mode", "REGISTRY_ONLY", "ALLOW_ANY", "", "ALLOW_ANY_DYNAMIC_DNS") switch
        {
            1 => OutboundTrafficMode.AllowAny,
            3 => OutboundTrafficMode.AllowAnyDynamicDns,
            _ => OutboundTrafficMode.RegistryOnly,
        },
        node.Optional("egressProxy", Destination.Read));
}

/// <summary>TLS that an inbound listener terminates; mode as written (<c>SIMPLE</c>, <c>MUTUAL</c> ...).</summary>
public sealed record ServerTls(string Mode, string ServerCertificate, string PrivateKey, string CaCertificates, ValueList<string> SubjectAltNames)
{
    public static ServerTls Read(JsonObject node) => new(
        node.Text("mode"), node.Text("serverCertificate"), node.Text("privateKey"), node.Text("caCertificates"), node.TextList("subjectAltNames"));
}
