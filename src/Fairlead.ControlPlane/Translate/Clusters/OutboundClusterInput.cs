using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate.Clusters;

/// <summary>Which address families DNS clusters look up, from the addresses of the proxy itself.</summary>
public enum LookupFamily
{
    V4Only,
    V6Only,
    All,
}

/// <summary>Mesh-wide settings that clusters depend on (MeshConfig).</summary>
public sealed record ClusterDefaults(TimeSpan ConnectTimeout, TimeSpan DnsRefreshRate, LookupFamily Family);

/// <summary>
/// Everything an outbound cluster is made from; equality is the cache key.
/// <c>Service</c>: Name of the service for metadata: its object, host and namespace.
/// <c>DnsEndpoints</c>: Of DNS clusters only; others get theirs over EDS or from the connection.
/// <c>PolicySource</c>: The DestinationRule that <c>Policy</c> was read from.
/// <c>PortOverride</c>: ORIGINAL_DST: dial this port instead of the original one; 0 for the original.
/// </summary>
public sealed record OutboundClusterInput(
    ServiceIdentity Service,
    ServiceDiscovery Discovery,
    int Port,
    Protocol Protocol,
    string Subset,
    ValueList<ServiceEndpoint> DnsEndpoints,
    ClusterPolicy Policy,
    SourceReference? PolicySource,
    int PortOverride,
    ClusterDefaults Defaults)
{
    public string Name => ClusterNames.Outbound(Port, Subset, Service.Host);
}

/// <summary>What peers, metrics and tools call a service.</summary>
public sealed record ServiceIdentity(string Host, string Name, string Namespace, bool External)
{
    /// <summary>A ServiceEntry's services are called by their host, a Kubernetes Service's by its name.</summary>
    public static ServiceIdentity Of(MeshService service) => new(
        service.Host,
        service.Registry == ServiceRegistryKind.Kubernetes ? service.Source.Name : service.Host,
        service.Namespace,
        service.External);
}
