using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>A part of a Service's endpoints.</summary>
public sealed record EndpointSlice(ObjectMeta Meta)
{
    public const string ServiceNameLabel = "kubernetes.io/service-name";

    /// <summary>IPv4, IPv6 or FQDN.</summary>
    public string AddressType { get; init; } = "";

    public ValueList<SliceEndpoint> Endpoints { get; init; } = ValueList<SliceEndpoint>.Empty;
    public ValueList<EndpointPort> Ports { get; init; } = ValueList<EndpointPort>.Empty;

    public string ServiceName => Meta.Labels.GetValueOrDefault(ServiceNameLabel, "");

    public static EndpointSlice Read(KubeObject source) => new(ObjectMeta.Read(source))
    {
        AddressType = source.Root.Text("addressType"),
        Endpoints = source.Root.List("endpoints", SliceEndpoint.Read),
        Ports = source.Root.List("ports", EndpointPort.Read),
    };
}

/// <summary>One endpoint. Conditions that are not reported count as ready and serving.</summary>
public sealed record SliceEndpoint(ValueList<string> Addresses)
{
    public bool IsReady { get; init; } = true;
    public bool IsServing { get; init; } = true;
    public bool IsTerminating { get; init; }
    public ObjectReference? Target { get; init; }
    public string NodeName { get; init; } = "";
    public string Zone { get; init; } = "";
    public string Hostname { get; init; } = "";

    public static SliceEndpoint Read(JsonObject node)
    {
        var conditions = node.Object("conditions");
        var ready = conditions.OptionalFlag("ready") ?? true;
        return new SliceEndpoint(node.TextList("addresses"))
        {
            IsReady = ready,
            IsServing = conditions.OptionalFlag("serving") ?? ready,
            IsTerminating = conditions.Flag("terminating"),
            Target = node.Optional("targetRef", ObjectReference.Read),
            NodeName = node.Text("nodeName"),
            Zone = node.Text("zone"),
            Hostname = node.Text("hostname"),
        };
    }
}

/// <summary>A port that all endpoints of a slice or subset have, under the Service port's name.</summary>
public sealed record EndpointPort(string Name, int Number, string Transport, string AppProtocol)
{
    public static EndpointPort Read(JsonObject node) =>
        new(node.Text("name"), node.Int("port"), node.OptionalText("protocol") ?? "TCP", node.Text("appProtocol"));
}

/// <summary>A reference to another object.</summary>
public sealed record ObjectReference(string Kind, string Namespace, string Name, string Uid)
{
    public static ObjectReference Read(JsonObject node) => new(node.Text("kind"), node.Text("namespace"), node.Text("name"), node.Text("uid"));
}
