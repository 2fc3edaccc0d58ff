using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>The older form of a Service's endpoints, under the Service's name.</summary>
public sealed record Endpoints(ObjectMeta Meta, ValueList<EndpointSubset> Subsets)
{
    public static Endpoints Read(KubeObject source) => new(ObjectMeta.Read(source), source.Root.List("subsets", EndpointSubset.Read));
}

/// <summary>Addresses that share ports.</summary>
public sealed record EndpointSubset(ValueList<EndpointAddress> Ready, ValueList<EndpointAddress> NotReady, ValueList<EndpointPort> Ports)
{
    public static EndpointSubset Read(JsonObject node) => new(
        node.List("addresses", EndpointAddress.Read),
        node.List("notReadyAddresses", EndpointAddress.Read),
        node.List("ports", EndpointPort.Read));
}

public sealed record EndpointAddress(string Ip, string Hostname, string NodeName, ObjectReference? Target)
{
    public static EndpointAddress Read(JsonObject node) =>
        new(node.Text("ip"), node.Text("hostname"), node.Text("nodeName"), node.Optional("targetRef", ObjectReference.Read));
}
