using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>Whether a service is part of the mesh (peer identity, mutual TLS) or outside of it.</summary>
public enum ServiceLocation
{
    MeshExternal,
    MeshInternal,
}

/// <summary>How the endpoints of a ServiceEntry are found.</summary>
public enum ServiceResolution
{
    None,
    Static,
    Dns,
    DnsRoundRobin,
    DynamicDns,
}

/// <summary>A service that the registry would not know of (Istio, <c>networking/v1alpha3/service_entry.proto</c>).</summary>
public sealed record ServiceEntry(ObjectMeta Meta)
{
    internal static readonly string[] Locations = ["MESH_EXTERNAL", "MESH_INTERNAL"];
    internal static readonly string[] Resolutions = ["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"];

    public ValueList<HostName> Hosts { get; init; } = ValueList<HostName>.Empty;

    /// <summary>Virtual addresses or CIDR blocks as written.</summary>
    public ValueList<string> Addresses { get; init; } = ValueList<string>.Empty;

    public ValueList<ServiceEntryPort> Ports { get; init; } = ValueList<ServiceEntryPort>.Empty;
    public ServiceLocation Location { get; init; }
    public ServiceResolution Resolution { get; init; }
    public ValueList<WorkloadSpec> Endpoints { get; init; } = ValueList<WorkloadSpec>.Empty;

    /// <summary>Labels of Pods and WorkloadEntries of the same namespace; null when no selector is given.</summary>
    public ValueMap<string>? WorkloadSelector { get; init; }

    /// <summary>Namespaces that may see it, or <c>.</c>, <c>*</c>, <c>~</c>; empty means the mesh's default.</summary>
    public ValueList<string> ExportTo { get; init; } = ValueList<string>.Empty;

    public ValueList<string> SubjectAltNames { get; init; } = ValueList<string>.Empty;

    /// <summary>Allocated virtual addresses from <c>status.addresses</c>.</summary>
    public ValueList<AllocatedAddress> AllocatedAddresses { get; init; } = ValueList<AllocatedAddress>.Empty;

    public static ServiceEntry Read(KubeObject source)
    {
        var spec = source.Spec;
        return new ServiceEntry(ObjectMeta.Read(source))
        {
            Hosts = spec.HostList("hosts"),
            Addresses = spec.TextList("addresses"),
            Ports = spec.List("ports", ServiceEntryPort.Read),
            Location = (ServiceLocation)spec.Enumerated("location", Locations),
            Resolution = (ServiceResolution)spec.Enumerated("resolution", Resolutions),
            Endpoints = spec.List("endpoints", WorkloadSpec.Read),
            WorkloadSelector = spec.Object("workloadSelector")?.TextMap("labels"),
            ExportTo = spec.TextList("exportTo"),
            SubjectAltNames = spec.TextList("subjectAltNames"),
            AllocatedAddresses = source.Status.List("addresses", item => new AllocatedAddress(item.Text("value"), item.Text("host"))),
        };
    }
}

/// <summary>One port of a ServiceEntry. <paramref name="TargetPort"/> is 0 when not given.</summary>
public sealed record ServiceEntryPort(string Name, int Number, Protocol Protocol, int TargetPort)
{
    public static ServiceEntryPort Read(JsonObject node) =>
        new(node.Text("name"), node.Int("number"), Protocols.Parse(node.Text("protocol")), node.Int("targetPort"));
}

/// <summary>An address that the control plane chose for a host of a ServiceEntry.</summary>
public sealed record AllocatedAddress(string Value, string Host);
