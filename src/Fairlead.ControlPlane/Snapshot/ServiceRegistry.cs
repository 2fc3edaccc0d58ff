using System.Collections.Frozen;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// Every service of the mesh, oldest first, with the ownership of hosts settled (Istio, <c>push_context.go</c>): of a host in one
/// namespace a Kubernetes Service comes before any ServiceEntry, then the oldest object owns it; others of the same shape add
/// their ports, the rest is ignored.
/// </summary>
public sealed class ServiceRegistry
{
    private readonly FrozenDictionary<string, ValueList<MeshService>> selecting;

    private ServiceRegistry(ValueList<MeshService> services, ValueList<TranslationFinding> findings)
    {
        Services = services;
        Findings = findings;
        selecting = services.Where(service => service.Selector is { Count: > 0 })
            .GroupBy(service => service.Namespace, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToValueList(), StringComparer.Ordinal);
    }

    public static ServiceRegistry Empty { get; } = new([], []);

    /// <summary>In order of creation time, host, namespace: the order that decides conflicts.</summary>
    public ValueList<MeshService> Services { get; }

    public ValueList<TranslationFinding> Findings { get; }

    /// <summary>The services that claim exactly this host, of any namespace.</summary>
    public ValueList<MeshService> Claiming(string host) => HostIndex.Of(Services).ServicesOf(host);

    /// <summary>The services of a namespace that select pods.</summary>
    public ValueList<MeshService> SelectingIn(string ns) => selecting.GetValueOrDefault(ns, []);

    public static ServiceRegistry Build(IEnumerable<MeshService> services)
    {
        var findings = new List<TranslationFinding>();
        var settled = services
            .GroupBy(service => (service.Namespace, service.Host))
            .SelectMany(group => Settle([.. group], findings))
            .OrderBy(service => service.Created)
            .ThenBy(service => service.Host, StringComparer.Ordinal)
            .ThenBy(service => service.Namespace, StringComparer.Ordinal)
            .ThenBy(service => service.Source.Name, StringComparer.Ordinal)
            .ToValueList();
        return new ServiceRegistry(settled, findings.OrderBy(finding => finding.ToString(), StringComparer.Ordinal).ToValueList());
    }

    /// <summary>One host in one namespace: the owner's services, with ports of compatible objects merged in.</summary>
    private static IEnumerable<MeshService> Settle(MeshService[] claims, List<TranslationFinding> findings)
    {
        var objects = claims.GroupBy(service => service.Source)
            .OrderBy(group => group.First().Registry)
            .ThenBy(group => group.First().Created)
            .ThenBy(group => group.Key.Name, StringComparer.Ordinal)
            .Select(group => group.ToArray())
            .ToArray();
        var owner = objects[0];
        foreach (var other in objects.Skip(1))
        {
            if (owner[0].Registry == ServiceRegistryKind.Kubernetes)
            {
                // The entry only decorates: names to verify when TLS is originated.
                owner = [.. owner.Select(service => service with { SubjectAltNames = service.SubjectAltNames.Concat(other[0].SubjectAltNames).Distinct(StringComparer.Ordinal).ToValueList() })];
                findings.Add(Ignored(other[0], owner[0], "its ports and endpoints are ignored because a Kubernetes Service owns the host"));
                continue;
            }

            var added = other[0].Ports.Where(port => owner[0].PortOf(port.Number) is null).ToArray();
            if (!CanMerge(owner[0], other[0]) || added.Length == 0)
            {
                findings.Add(Ignored(other[0], owner[0], added.Length == 0
                    ? "it adds no port to the older object"
                    : "it differs from the older object in resolution, labels, workloadSelector or exportTo; make them equal to merge their ports"));
                continue;
            }

            owner = [.. owner.Select(service => service with { Ports = service.Ports.Concat(added).ToValueList() })];
        }

        return owner;
    }

    private static bool CanMerge(MeshService left, MeshService right) =>
        left.Discovery == right.Discovery
        && left.Registry == right.Registry
        && left.Labels.Equals(right.Labels)
        && Equals(left.Selector, right.Selector)
        && left.ExportTo == right.ExportTo;

    private static TranslationFinding Ignored(MeshService loser, MeshService owner, string reason) => new(
        loser.Source, "spec.hosts", FindingCodes.Shadowed, $"host {loser.Host} belongs to {owner.Source}; {reason}");
}
