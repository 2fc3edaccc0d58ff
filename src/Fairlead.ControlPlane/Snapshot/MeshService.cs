using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>Where a service was declared; Kubernetes beats ServiceEntry when both claim a host.</summary>
public enum ServiceRegistryKind
{
    Kubernetes,
    ServiceEntry,
}

/// <summary>How a proxy finds the addresses behind a service, as Istio names it; it decides the Envoy cluster type.</summary>
public enum ServiceDiscovery
{
    /// <summary>Endpoints from the control plane: EDS.</summary>
    Endpoints,

    /// <summary>The address that the application dialled: ORIGINAL_DST.</summary>
    OriginalDestination,

    /// <summary>Every address of every name: STRICT_DNS.</summary>
    StrictDns,

    /// <summary>One address of one name at a time: LOGICAL_DNS.</summary>
    LogicalDns,

    /// <summary>The name in each request: dynamic forward proxy; not built (reported).</summary>
    DynamicDns,
}

/// <summary>The object that something was made from, as conditions and findings name it.</summary>
public sealed record SourceReference(string Kind, string Namespace, string Name)
{
    public override string ToString() => $"{Kind} {Namespace}/{Name}";
}

/// <summary>One port of a service. <see cref="TargetPort"/> is 0 where it equals <see cref="Number"/> or endpoints decide.</summary>
public sealed record MeshPort(int Number, string Name, Protocol Protocol, int TargetPort = 0)
{
    /// <summary>A named target port of a Kubernetes Service, looked up on each pod; empty when the port is a number.</summary>
    public string TargetPortName { get; init; } = "";
}

/// <summary>
/// One service as proxies see it: one host at one address. A ServiceEntry with several hosts and addresses makes one per pair
/// (Istio, ServiceEntry; <c>serviceentry/conversion.go</c>).
/// </summary>
public sealed record MeshService(string Host, string Namespace, SourceReference Source)
{
    /// <summary>The address of a service that has none: its listeners are shared by all of them.</summary>
    public const string NoAddress = "0.0.0.0";

    /// <summary>Whole seconds. The oldest object owns a host.</summary>
    public DateTimeOffset Created { get; init; }

    public ServiceRegistryKind Registry { get; init; }

    public ServiceDiscovery Discovery { get; init; }

    /// <summary>An IP, a CIDR, or <see cref="NoAddress"/>.</summary>
    public string Address { get; init; } = NoAddress;

    /// <summary>Allocated by the mesh (<c>status.addresses</c>); used only by proxies that capture DNS. Empty when none.</summary>
    public string AutoAddress { get; init; } = "";

    /// <summary>Kubernetes: <c>clusterIP: None</c>.</summary>
    public bool Headless { get; init; }

    /// <summary>Outside of the mesh: no identity, no peer metadata when so configured.</summary>
    public bool External { get; init; }

    public ValueList<MeshPort> Ports { get; init; } = [];

    public Visibility ExportTo { get; init; } = Visibility.Public;

    public ValueMap<string> Labels { get; init; } = ValueMap<string>.Empty;

    /// <summary>Pods of the same namespace that stand behind the service; null when none are selected.</summary>
    public ValueMap<string>? Selector { get; init; }

    public ValueList<string> SubjectAltNames { get; init; } = [];

    /// <summary>Kubernetes: the name that an ExternalName service stands for; empty for others.</summary>
    public string ExternalName { get; init; } = "";

    public bool HasAddress => Address != NoAddress;

    /// <summary>A range: it selects a filter chain instead of a listener.</summary>
    public bool HasCidrAddress => Address.Contains('/', StringComparison.Ordinal);

    public bool IsWildcardHost => Host.StartsWith('*');

    public MeshPort? PortOf(int number)
    {
        foreach (var port in Ports)
        {
            if (port.Number == number)
                return port;
        }

        return null;
    }

    public override string ToString() => $"{Host} ({Source})";
}
