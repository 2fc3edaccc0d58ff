using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// ServiceEntries as mesh services: one per host and address, all with the entry's ports (Istio,
/// <c>serviceentry/conversion.go</c>).
/// </summary>
public static class ServiceEntries
{
    public static IEnumerable<MeshService> Services(ServiceEntry entry, MeshSettings settings)
    {
        // Without ports there is nothing to make a cluster or a listener of.
        if (entry.Ports.Count == 0)
            yield break;
        var shape = new MeshService("", entry.Meta.Namespace, SourceOf(entry))
        {
            Created = entry.Meta.Created,
            Registry = ServiceRegistryKind.ServiceEntry,
            Discovery = entry.Resolution switch
            {
                ServiceResolution.Static => ServiceDiscovery.Endpoints,
                ServiceResolution.Dns => ServiceDiscovery.StrictDns,
                ServiceResolution.DnsRoundRobin => ServiceDiscovery.LogicalDns,
                ServiceResolution.DynamicDns => ServiceDiscovery.DynamicDns,
                _ => ServiceDiscovery.OriginalDestination,
            },
            External = entry.Location == ServiceLocation.MeshExternal,
            Ports = entry.Ports.Select(port => new MeshPort(port.Number, port.Name, port.Protocol, port.TargetPort)).ToValueList(),
            ExportTo = Visibility.Read(entry.ExportTo, settings.DefaultServiceExportTo, entry.Meta.Namespace),
            Labels = entry.Meta.Labels,
            Selector = entry.WorkloadSelector,
            SubjectAltNames = entry.SubjectAltNames,
        };
        foreach (var host in entry.Hosts)
        {
            var named = shape with { Host = host.Normalized.Value, AutoAddress = AutoAddressOf(entry, host) };
            if (entry.Addresses.Count == 0)
                yield return named;
            foreach (var address in entry.Addresses)
                yield return named with { Address = Cidr.TryParse(address, out var range) ? range.ToString() : address };
        }
    }

    /// <summary>The endpoints that the entry itself lists, or its host where DNS is to find them.</summary>
    public static IEnumerable<(string Host, ServiceEndpoint Endpoint)> Endpoints(ServiceEntry entry)
    {
        var dns = entry.Resolution is ServiceResolution.Dns or ServiceResolution.DnsRoundRobin;
        foreach (var host in entry.Hosts)
        {
            var name = host.Normalized.Value;
            foreach (var port in entry.Ports)
            {
                foreach (var endpoint in entry.Endpoints)
                    yield return (name, EndpointOf(endpoint, port, endpoint.Labels, healthy: true));
                if (dns && entry.Endpoints.Count == 0 && entry.WorkloadSelector is null)
                    yield return (name, new ServiceEndpoint(name, port.TargetPort > 0 ? port.TargetPort : port.Number, port.Name));
            }
        }
    }

    /// <summary>A WorkloadEntry that the entry selects.</summary>
    public static IEnumerable<(string Host, ServiceEndpoint Endpoint)> Endpoints(ServiceEntry entry, WorkloadEntry workload)
    {
        foreach (var host in entry.Hosts)
        {
            foreach (var port in entry.Ports)
                yield return (host.Normalized.Value, EndpointOf(workload.Spec, port, workload.EffectiveLabels, workload.Healthy ?? true));
        }
    }

    /// <summary>A pod that the entry selects.</summary>
    public static IEnumerable<(string Host, ServiceEndpoint Endpoint)> Endpoints(ServiceEntry entry, WorkloadPod pod, string clusterId)
    {
        foreach (var host in entry.Hosts)
        {
            foreach (var port in entry.Ports)
            {
                yield return (host.Normalized.Value, new ServiceEndpoint(pod.Ip, port.TargetPort > 0 ? port.TargetPort : port.Number, port.Name)
                {
                    Labels = pod.Labels,
                    Healthy = pod.Ready,
                    Workload = pod.Identity(clusterId),
                });
            }
        }
    }

    public static SourceReference SourceOf(ServiceEntry entry) => new("ServiceEntry", entry.Meta.Namespace, entry.Meta.Name);

    /// <summary>Which port: the socket has none, then the endpoint's by name, the entry's targetPort, the port itself.</summary>
    private static ServiceEndpoint EndpointOf(WorkloadSpec workload, ServiceEntryPort port, ValueMap<string> labels, bool healthy) =>
        new(
            workload.Address,
            workload.IsUnixSocket ? 0
                : workload.Ports.TryGetValue(port.Name, out var own) ? own
                : port.TargetPort > 0 ? port.TargetPort : port.Number,
            port.Name)
        {
            Labels = labels,
            Locality = workload.Locality.ToString(),
            Weight = Math.Max(1, workload.Weight),
            Healthy = healthy,
        };

    private static string AutoAddressOf(ServiceEntry entry, HostName host) =>
        entry.AllocatedAddresses.FirstOrDefault(allocated =>
            string.Equals(allocated.Host, host.Value, StringComparison.OrdinalIgnoreCase) && !allocated.Value.Contains(':', StringComparison.Ordinal))?.Value ?? "";
}
