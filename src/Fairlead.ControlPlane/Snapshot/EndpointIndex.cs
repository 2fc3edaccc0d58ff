using System.Collections.Frozen;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>The endpoints behind each host of each namespace. Entries of several objects for one host are pooled (Istio does not isolate them).</summary>
public sealed class EndpointIndex
{
    private readonly FrozenDictionary<(string Namespace, string Host), ValueList<ServiceEndpoint>> byService;

    private EndpointIndex(FrozenDictionary<(string, string), ValueList<ServiceEndpoint>> byService) => this.byService = byService;

    public static EndpointIndex Empty { get; } = new(FrozenDictionary<(string, string), ValueList<ServiceEndpoint>>.Empty);

    public int Services => byService.Count;

    public ValueList<ServiceEndpoint> Of(string ns, string host) => byService.GetValueOrDefault((ns, host), []);

    /// <summary>The endpoints behind one port (by its name) with these labels; no labels: all.</summary>
    public ValueList<ServiceEndpoint> Of(MeshService service, MeshPort port, ValueMap<string>? labels = null)
    {
        var all = Of(service.Namespace, service.Host);
        foreach (var endpoint in all)
        {
            if (!Selected(endpoint, port, labels))
                return all.Where(other => Selected(other, port, labels)).ToValueList();
        }

        return all;
    }

    /// <summary>Lists that did not change keep their identity, so that comparing what depends on them costs nothing.</summary>
    public static EndpointIndex Build(IEnumerable<(string Namespace, string Host, ServiceEndpoint Endpoint)> endpoints, EndpointIndex? previous)
    {
        var grouped = new Dictionary<(string, string), List<ServiceEndpoint>>();
        foreach (var (ns, host, endpoint) in endpoints)
        {
            if (!grouped.TryGetValue((ns, host), out var list))
                grouped.Add((ns, host), list = []);
            list.Add(endpoint);
        }

        return new EndpointIndex(grouped.ToFrozenDictionary(pair => pair.Key, pair =>
        {
            var made = pair.Value.Distinct()
                .OrderBy(endpoint => endpoint.ServicePort, StringComparer.Ordinal)
                .ThenBy(endpoint => endpoint.Address, StringComparer.Ordinal)
                .ThenBy(endpoint => endpoint.Port)
                .ToValueList();
            return previous?.byService.GetValueOrDefault(pair.Key) is { } before && before.Equals(made) ? before : made;
        }));
    }

    private static bool Selected(ServiceEndpoint endpoint, MeshPort port, ValueMap<string>? labels) =>
        endpoint.ServicePort == port.Name && (labels is null || LabelMatch.Includes(labels, endpoint.Labels));
}
