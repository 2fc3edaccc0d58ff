using System.Net;
using System.Net.Sockets;
using Fairlead.Node.Network;

namespace Fairlead.Node.Dns;

/// <summary>
/// Kubernetes' DNS names (its DNS specification 1.1): services, headless services with their endpoints' host names, SRV records of named ports, pods, and the reverse
/// of service addresses. Pure: catalog and question in, records out.
/// </summary>
internal static class ClusterNames
{
    public const string Zone = "cluster.local";
    private const string ServiceZone = "svc.cluster.local";
    private const string PodZone = "pod.cluster.local";
    private const string ReverseZone = "in-addr.arpa";

    /// <summary>Null when the name is not the cluster's: somebody else answers.</summary>
    public static (DnsCode Code, IReadOnlyList<DnsRecord> Records)? Resolve(ServiceCatalog catalog, string name, ushort type)
    {
        if (name == Zone || name == ServiceZone || name == PodZone)
            return (DnsCode.Success, []);
        if (Labels(name, ServiceZone) is { } service)
            return Service(catalog, name, service, type);
        if (Labels(name, PodZone) is { } pod)
            return Pod(name, pod, type);
        if (Labels(name, ReverseZone) is [var d, var c, var b, var a] && Reverse(catalog, name, $"{a}.{b}.{c}.{d}") is { } owner)
            return (DnsCode.Success, type == DnsQuestion.TypePtr ? [owner] : []);
        return name.EndsWith("." + Zone, StringComparison.Ordinal) ? (DnsCode.NoSuchName, []) : null;
    }

    private static string[]? Labels(string name, string zone) =>
        name.EndsWith("." + zone, StringComparison.Ordinal) ? name[..^(zone.Length + 1)].Split('.') : null;

    private static (DnsCode, IReadOnlyList<DnsRecord>) Service(ServiceCatalog catalog, string name, string[] labels, ushort type)
    {
        if (labels.Length == 1)
            return catalog.Services.Values.Any(service => service.Namespace == labels[0]) ? (DnsCode.Success, []) : (DnsCode.NoSuchName, []);
        if (!catalog.Services.TryGetValue($"{labels[^1]}/{labels[^2]}", out var found))
            return (DnsCode.NoSuchName, []);
        if (labels.Length == 4 && labels[0].StartsWith('_') && labels[1].StartsWith('_'))
            return Ports(catalog, found, name, labels[0][1..], labels[1][1..], type);
        if (labels.Length == 3 && found.ClusterIp.Length == 0)
        {
            var named = Reachable(catalog, found).Where(endpoint => HostLabel(endpoint) == labels[0]).ToList();
            return named.Count == 0 ? (DnsCode.NoSuchName, []) : (DnsCode.Success, Addresses(name, named.Select(endpoint => endpoint.Address), type));
        }
        if (labels.Length != 2)
            return (DnsCode.NoSuchName, []);
        if (found.ExternalName.Length > 0)
            return (DnsCode.Success, [DnsRecord.Alias(name, found.ExternalName)]);
        if (found.ClusterIp.Length > 0)
            return (DnsCode.Success, Addresses(name, [found.ClusterIp], type));
        var endpoints = Reachable(catalog, found).Select(endpoint => endpoint.Address).Distinct().ToList();
        return endpoints.Count == 0 ? (DnsCode.NoSuchName, []) : (DnsCode.Success, Addresses(name, endpoints, type));
    }

    private static (DnsCode, IReadOnlyList<DnsRecord>) Ports(ServiceCatalog catalog, ServiceView service, string name, string port, string protocol, ushort type)
    {
        var own = $"{service.Name}.{service.Namespace}.{ServiceZone}";
        var matching = service.Ports.Where(candidate => candidate.Name == port && candidate.Protocol.Equals(protocol, StringComparison.OrdinalIgnoreCase)).ToList();
        if (matching.Count == 0)
            return (DnsCode.NoSuchName, []);
        if (type != DnsQuestion.TypeSrv)
            return (DnsCode.Success, []);
        return service.ClusterIp.Length > 0
            ? (DnsCode.Success, [DnsRecord.Service(name, matching[0].Port, own)])
            : (DnsCode.Success, [.. Reachable(catalog, service).Select(endpoint => DnsRecord.Service(name, matching[0].Port, $"{HostLabel(endpoint)}.{own}"))]);
    }

    private static (DnsCode, IReadOnlyList<DnsRecord>) Pod(string name, string[] labels, ushort type) =>
        labels.Length == 2 && IPAddress.TryParse(labels[0].Replace('-', '.'), out var address) && address.AddressFamily == AddressFamily.InterNetwork && labels[0].Count(c => c == '-') == 3
            ? (DnsCode.Success, Addresses(name, [address.ToString()], type))
            : (DnsCode.NoSuchName, []);

    private static DnsRecord? Reverse(ServiceCatalog catalog, string name, string address)
    {
        var service = catalog.Services.Values.FirstOrDefault(service => service.ClusterIp == address);
        return service is null ? null : DnsRecord.Pointer(name, $"{service.Name}.{service.Namespace}.{ServiceZone}");
    }

    private static IEnumerable<EndpointView> Reachable(ServiceCatalog catalog, ServiceView service) =>
        catalog.EndpointsOf(service).Where(endpoint => endpoint.IsReady || service.PublishNotReady);

    private static string HostLabel(EndpointView endpoint) => endpoint.HostName.Length > 0 ? endpoint.HostName : endpoint.Address.Replace('.', '-');

    private static List<DnsRecord> Addresses(string name, IEnumerable<string> addresses, ushort type) => type != DnsQuestion.TypeA
        ? []
        : [.. addresses.Select(text => IPAddress.TryParse(text, out var address) ? address : null).OfType<IPAddress>().Where(address => address.AddressFamily == AddressFamily.InterNetwork).Select(address => DnsRecord.Address(name, address))];
}
