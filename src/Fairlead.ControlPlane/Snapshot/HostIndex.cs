using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>The services of a list by host, each list indexed once however many scopes, listeners and states of the mesh have it.</summary>
internal sealed class HostIndex
{
    private static readonly ConditionalWeakTable<ValueList<MeshService>, HostIndex> Known = [];

    private readonly FrozenDictionary<string, ValueList<MeshService>> byHost;

    private HostIndex(ValueList<MeshService> services) => byHost = services.GroupBy(service => service.Host, StringComparer.Ordinal)
        .ToFrozenDictionary(group => group.Key, group => group.ToValueList(), StringComparer.Ordinal);

    public static HostIndex Of(ValueList<MeshService> services) => Known.GetValue(services, static services => new HostIndex(services));

    /// <summary>In the order of the list.</summary>
    public ValueList<MeshService> ServicesOf(string host) => byHost.GetValueOrDefault(host, []);
}
