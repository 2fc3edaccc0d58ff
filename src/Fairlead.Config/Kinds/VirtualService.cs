using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>Routing rules for hosts (Istio, <c>networking/v1alpha3/virtual_service.proto</c>).</summary>
public sealed record VirtualService(ObjectMeta Meta)
{
    /// <summary>The reserved gateway name that stands for every sidecar.</summary>
    public const string MeshGateway = "mesh";

    /// <summary>Names as written, short ones unresolved; empty for a delegate.</summary>
    public ValueList<HostName> Hosts { get; init; } = ValueList<HostName>.Empty;

    /// <summary>As written; empty means <c>mesh</c>.</summary>
    public ValueList<string> Gateways { get; init; } = ValueList<string>.Empty;

    public ValueList<HttpRoute> Http { get; init; } = ValueList<HttpRoute>.Empty;
    public ValueList<TlsRoute> Tls { get; init; } = ValueList<TlsRoute>.Empty;
    public ValueList<TcpRoute> Tcp { get; init; } = ValueList<TcpRoute>.Empty;
    public ValueList<string> ExportTo { get; init; } = ValueList<string>.Empty;

    public bool AppliesToMesh => Gateways.Count == 0 || Gateways.Contains(MeshGateway);

    public bool IsDelegate => Hosts.Count == 0;

    public static VirtualService Read(KubeObject source)
    {
        var spec = source.Spec;
        return new VirtualService(ObjectMeta.Read(source))
        {
            Hosts = spec.HostList("hosts"),
            Gateways = spec.TextList("gateways"),
            Http = spec.List("http", HttpRoute.Read),
            Tls = spec.List("tls", TlsRoute.Read),
            Tcp = spec.List("tcp", TcpRoute.Read),
            ExportTo = spec.TextList("exportTo"),
        };
    }
}

/// <summary>A set of workloads that traffic is sent to. <paramref name="Port"/> is 0 when not given.</summary>
public sealed record Destination(HostName Host, string Subset, int Port)
{
    public static Destination Read(JsonObject node) =>
        new(node.Text("host"), node.Text("subset"), node.Object("port").Int("number"));
}

/// <summary>A destination of a TLS or TCP route with its share.</summary>
public sealed record RouteDestination(Destination Destination, int Weight)
{
    public static RouteDestination Read(JsonObject node) =>
        new(Destination.Read(node.Object("destination") ?? []), node.Int("weight"));
}

/// <summary>TLS rule: chosen by SNI, bytes passed on unread.</summary>
public sealed record TlsRoute(ValueList<L4Match> Match, ValueList<RouteDestination> Route)
{
    public static TlsRoute Read(JsonObject node) => new(node.List("match", L4Match.Read), node.List("route", RouteDestination.Read));
}

/// <summary>TCP rule: chosen by port and addresses.</summary>
public sealed record TcpRoute(ValueList<L4Match> Match, ValueList<RouteDestination> Route)
{
    public static TcpRoute Read(JsonObject node) => new(node.List("match", L4Match.Read), node.List("route", RouteDestination.Read));
}

/// <summary>Conditions of a TLS or TCP rule, all of which must hold. <c>sourceSubnet</c> is read by nobody, as in Istio.</summary>
public sealed record L4Match
{
    /// <summary>TLS rules only.</summary>
    public ValueList<HostName> SniHosts { get; init; } = ValueList<HostName>.Empty;

    public ValueList<string> DestinationSubnets { get; init; } = ValueList<string>.Empty;

    /// <summary>0: any port.</summary>
    public int Port { get; init; }

    public ValueMap<string> SourceLabels { get; init; } = ValueMap<string>.Empty;
    public ValueList<string> Gateways { get; init; } = ValueList<string>.Empty;
    public string SourceNamespace { get; init; } = "";

    public static L4Match Read(JsonObject node) => new()
    {
        SniHosts = node.HostList("sniHosts"),
        DestinationSubnets = node.TextList("destinationSubnets"),
        Port = node.Int("port"),
        SourceLabels = node.TextMap("sourceLabels"),
        Gateways = node.TextList("gateways"),
        SourceNamespace = node.Text("sourceNamespace"),
    };
}
