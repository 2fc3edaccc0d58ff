using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>One address of a slice.</summary>
public sealed record SliceEndpoint(ValueList<string> Addresses, bool Ready, string Pod, string Zone, string NodeName);

/// <summary>One port of a slice; the port's name is that of the service's port.</summary>
public sealed record SlicePort(string Name, int Number);

/// <summary>A part of the endpoints of a Service.</summary>
public sealed record EndpointSliceRecord(string Namespace, string Service, ValueList<SlicePort> Ports, ValueList<SliceEndpoint> Endpoints)
{
    public static EndpointSliceRecord Read(KubeObject target) => new(
        target.Namespace,
        target.Labels.TryGetValue("kubernetes.io/service-name", out var service) ? service : "",
        target.Root.Text("addressType") is "FQDN"
            ? []
            : target.Root.List("ports", port => new SlicePort(port.Text("name"), port.Int("port"))).Where(port => port.Number > 0).ToValueList(),
        target.Root.List("endpoints", ReadEndpoint));

    private static SliceEndpoint ReadEndpoint(JsonObject endpoint)
    {
        var reference = endpoint.Object("targetRef");
        return new SliceEndpoint(
            endpoint.TextList("addresses"),
            // Absent means ready (Kubernetes, EndpointConditions).
            endpoint.Object("conditions").OptionalFlag("ready") ?? true,
            reference.Text("kind") == "Pod" ? reference.Text("name") : "",
            endpoint.Text("zone"),
            endpoint.Text("nodeName"));
    }
}
