using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Analysis;

/// <summary>The hosts of all Services and ServiceEntries, found by name in time that does not grow with their number.</summary>
internal sealed class HostRegistry
{
    private readonly Dictionary<string, List<RegistryHost>> exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<RegistryHost>> wildcards = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<RegistryHost>> byParent = new(StringComparer.Ordinal);

    public HostRegistry(IReadOnlyList<Item<Service>> services, IReadOnlyList<Item<ServiceEntry>> entries, MeshConfig mesh)
    {
        foreach (var (source, service) in services)
            Add(OfService(source, service, mesh));
        foreach (var (source, entry) in entries)
        {
            for (var i = 0; i < entry.Hosts.Count; i++)
                Add(OfEntry(source, entry, i, mesh));
        }
    }

    /// <summary>Every group of objects that declare one host.</summary>
    public IEnumerable<KeyValuePair<string, List<RegistryHost>>> Groups => exact.Concat(wildcards);

    /// <summary>Objects that declare exactly this name.</summary>
    public IReadOnlyList<RegistryHost> Declared(HostName host) =>
        (host.IsWildcard ? wildcards : exact).GetValueOrDefault(host.Normalized.Value) ?? [];

    /// <summary>Objects that cover the name for a client of a namespace: exact ones, or those of the longest wildcard.</summary>
    public IReadOnlyList<RegistryHost> Covering(HostName host, string client)
    {
        var name = host.Normalized.Value;
        if (Visible(Declared(host), client) is { Count: > 0 } found)
            return found;
        for (var dot = name.IndexOf('.', 1); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (wildcards.TryGetValue("*" + name[dot..], out var covering) && Visible(covering, client) is { Count: > 0 } visible)
                return visible;
        }
        return [];
    }

    /// <summary>Declared exact hosts that differ from the name by one label in front: <c>baidu.com</c> for <c>www.baidu.com</c>, and the other way round.</summary>
    public RegistryHost? OneLabelAway(HostName host, string client)
    {
        var name = host.Normalized.Value;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0 && name.IndexOf('.', dot + 1) > 0 && exact.TryGetValue(name[(dot + 1)..], out var parents))
        {
            if (Visible(parents, client).FirstOrDefault(parent => parent.Entry is not null) is { } parent)
                return parent;
        }
        return byParent.TryGetValue(name, out var children) ? Visible(children, client).FirstOrDefault(child => child.Entry is not null) : null;
    }

    private static List<RegistryHost> Visible(IReadOnlyList<RegistryHost> hosts, string client) =>
        [.. hosts.Where(host => host.IsVisibleFrom(client))];

    private static RegistryHost OfService(KubeObject source, Service service, MeshConfig mesh) => new(
        HostName.Resolve(service.Meta.Name, service.Meta.Namespace),
        service.Meta.Namespace,
        service.ExportTo.Count > 0 ? service.ExportTo : mesh.DefaultServiceExportTo,
        service.Ports.Select(port => new RegistryPort(port.Number, port.Protocol, port.TargetPort.Number)).ToValueList(),
        source)
    {
        Service = service,
        Created = service.Meta.Created,
    };

    private static RegistryHost OfEntry(KubeObject source, ServiceEntry entry, int index, MeshConfig mesh) => new(
        entry.Hosts[index].Normalized,
        entry.Meta.Namespace,
        entry.ExportTo.Count > 0 ? entry.ExportTo : mesh.DefaultServiceExportTo,
        entry.Ports.Select(port => new RegistryPort(port.Number, port.Protocol, port.TargetPort)).ToValueList(),
        source)
    {
        Entry = entry,
        Created = entry.Meta.Created,
        Index = index,
    };

    private void Add(RegistryHost host)
    {
        var name = host.Host.Value;
        Append(host.Host.IsWildcard ? wildcards : exact, name, host);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (!host.Host.IsWildcard && dot > 0 && host.Entry is not null)
            Append(byParent, name[(dot + 1)..], host);
    }

    private static void Append(Dictionary<string, List<RegistryHost>> index, string key, RegistryHost host)
    {
        if (!index.TryGetValue(key, out var list))
            index[key] = list = [];
        list.Add(host);
    }
}
