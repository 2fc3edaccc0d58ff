using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>Policy for traffic to a host, after routing (Istio, <c>networking/v1alpha3/destination_rule.proto</c>).</summary>
public sealed record DestinationRule(ObjectMeta Meta)
{
    /// <summary>As written, short names unresolved.</summary>
    public HostName Host { get; init; }

    public TrafficPolicy? TrafficPolicy { get; init; }
    public ValueList<Subset> Subsets { get; init; } = ValueList<Subset>.Empty;
    public ValueList<string> ExportTo { get; init; } = ValueList<string>.Empty;

    /// <summary>Labels of the clients it applies to, in its own namespace; null means all clients.</summary>
    public ValueMap<string>? WorkloadSelector { get; init; }

    public static DestinationRule Read(KubeObject source)
    {
        var spec = source.Spec;
        return new DestinationRule(ObjectMeta.Read(source))
        {
            Host = spec.Text("host"),
            TrafficPolicy = spec.Optional("trafficPolicy", TrafficPolicy.Read),
            Subsets = spec.List("subsets", item => new Subset(item.Text("name"), item.TextMap("labels"), item.Optional("trafficPolicy", TrafficPolicy.Read))),
            ExportTo = spec.TextList("exportTo"),
            WorkloadSelector = spec.Object("workloadSelector")?.TextMap("matchLabels"),
        };
    }
}

/// <summary>Endpoints of the host that carry <paramref name="Labels"/>, under a name that routes use.</summary>
public sealed record Subset(string Name, ValueMap<string> Labels, TrafficPolicy? TrafficPolicy);

/// <summary>
/// Blocks of policy, each null when not given. A subset's block replaces the rule's; a port-level setting replaces them all:
/// what it leaves out is the built-in default.
/// </summary>
public sealed record TrafficPolicy
{
    public LoadBalancer? LoadBalancer { get; init; }
    public ConnectionPool? ConnectionPool { get; init; }
    public OutlierDetection? OutlierDetection { get; init; }
    public ClientTls? Tls { get; init; }
    public ValueList<PortTrafficPolicy> PortLevelSettings { get; init; } = ValueList<PortTrafficPolicy>.Empty;
    public Tunnel? Tunnel { get; init; }

    /// <summary>1 or 2; null when no PROXY header is sent.</summary>
    public int? ProxyProtocol { get; init; }

    public RetryBudget? RetryBudget { get; init; }

    public static TrafficPolicy Read(JsonObject node) => new()
    {
        LoadBalancer = node.Optional("loadBalancer", LoadBalancer.Read),
        ConnectionPool = node.Optional("connectionPool", ConnectionPool.Read),
        OutlierDetection = node.Optional("outlierDetection", OutlierDetection.Read),
        Tls = node.Optional("tls", ClientTls.Read),
        PortLevelSettings = node.List("portLevelSettings", item => new PortTrafficPolicy(item.Object("port").Int("number"), Read(item))),
        Tunnel = node.Optional("tunnel", item => new Tunnel(item.Text("protocol"), item.Text("targetHost"), item.Int("targetPort"))),
        ProxyProtocol = node.Object("proxyProtocol") is { } proxy ? proxy.Enumerated("version", "V1", "V2") + 1 : null,
        RetryBudget = node.Optional("retryBudget", RetryBudget.Read),
    };
}

/// <summary>Policy of one service port; its nested port-level settings are empty.</summary>
public sealed record PortTrafficPolicy(int Port, TrafficPolicy Policy);

/// <summary>Outbound TCP or TLS wrapped in HTTP CONNECT (or POST) to the rule's host.</summary>
public sealed record Tunnel(string Protocol, string TargetHost, int TargetPort);

/// <summary>Retries in flight as a share of active requests.</summary>
public sealed record RetryBudget(double Percent, int MinRetryConcurrency, TimeSpan? BudgetInterval)
{
    public static RetryBudget Read(JsonObject node) =>
        new(node.OptionalNumber("percent") ?? 20, node.OptionalInt("minRetryConcurrency") ?? 3, node.OptionalDuration("budgetInterval"));
}

public enum ClientTlsMode
{
    Disable,
    Simple,
    Mutual,
    IstioMutual,
}

/// <summary>TLS that the proxy originates. Paths are of the proxy's file system.</summary>
public sealed record ClientTls(ClientTlsMode Mode)
{
    internal static readonly string[] Modes = ["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"];

    public string ClientCertificate { get; init; } = "";
    public string PrivateKey { get; init; } = "";

    /// <summary>Empty: the operating system's bundle.</summary>
    public string CaCertificates { get; init; } = "";

    public string CaCrl { get; init; } = "";
    public string CredentialName { get; init; } = "";
    public ValueList<string> SubjectAltNames { get; init; } = ValueList<string>.Empty;
    public string Sni { get; init; } = "";
    public bool InsecureSkipVerify { get; init; }

    public static ClientTls Read(JsonObject node) => new((ClientTlsMode)node.Enumerated("mode", Modes))
    {
        ClientCertificate = node.Text("clientCertificate"),
        PrivateKey = node.Text("privateKey"),
        CaCertificates = node.Text("caCertificates"),
        CaCrl = node.Text("caCrl"),
        CredentialName = node.Text("credentialName"),
        SubjectAltNames = node.TextList("subjectAltNames"),
        Sni = node.Text("sni"),
        InsecureSkipVerify = node.Flag("insecureSkipVerify"),
    };
}
