using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Analysis;

/// <summary>
/// FL0001: what is called and what is declared differ by one label (<c>www.baidu.com</c>, <c>baidu.com</c>), so that the request
/// passes by the entry and by every rule for it. FL0013, on the caller's namespace: traffic that REGISTRY_ONLY blocks.
/// </summary>
internal static class NearHosts
{
    public static void Check(AnalysisModel model, FindingSink sink)
    {
        foreach (var (source, service) in model.VirtualServices)
            VirtualServiceHosts(model, sink, source, service);
        foreach (var (source, rule) in model.DestinationRules)
            Report(model, sink, source, rule.Host, rule.Meta.Namespace, "spec.host", "this DestinationRule is for");
        foreach (var (source, entry) in model.Entries)
            Endpoints(model, sink, source, entry);
        Unequal(model, sink);
        Observed(model, sink);
    }

    private static void VirtualServiceHosts(AnalysisModel model, FindingSink sink, KubeObject source, VirtualService service)
    {
        var space = service.Meta.Namespace;
        for (var i = 0; i < service.Hosts.Count; i++)
        {
            if (service.AppliesToMesh)
                Report(model, sink, source, service.Hosts[i], space, $"spec.hosts[{i}]", "this VirtualService is for");
        }
        for (var i = 0; i < service.Http.Count; i++)
        {
            for (var j = 0; j < service.Http[i].Route.Count; j++)
                Report(model, sink, source, service.Http[i].Route[j].Destination.Host, space, $"spec.http[{i}].route[{j}].destination.host", "this rule sends requests to");
        }
    }

    private static void Report(AnalysisModel model, FindingSink sink, KubeObject source, HostName host, string space, string path, string what)
    {
        if (host.IsEmpty || host.IsWildcard || model.Registry.Covering(HostName.Resolve(host, space), space).Count > 0)
            return;
        if (model.Registry.OneLabelAway(host, space) is not { } near)
            return;
        sink.Warn(source, AnalysisCodes.NearHost, path,
            $"{what} {host}, but {near.Source} declares {near.Host}: one label away, so it does not match",
            $"write {near.Host} here, or add {host} to spec.hosts of {near.Source}");
    }

    private static void Endpoints(AnalysisModel model, FindingSink sink, KubeObject source, ServiceEntry entry)
    {
        for (var i = 0; i < entry.Endpoints.Count; i++)
        {
            var address = entry.Endpoints[i].Address;
            if (DnsName.Fault(address) is not null)
                continue;
            var own = entry.Hosts.FirstOrDefault(host => IsOneLabel(host.Normalized.Value, address) || IsOneLabel(address, host.Normalized.Value));
            if (!own.IsEmpty && model.Registry.Covering(address, entry.Meta.Namespace).Count == 0)
                sink.Info(source, AnalysisCodes.NearHost, $"spec.endpoints[{i}].address",
                    $"the endpoint is looked up as {address}, while clients that call {address} themselves are not matched by {own}",
                    $"add {address} to spec.hosts if clients call it");
        }
    }

    // Both names are declared, by different entries, and rules exist for only one of them.
    private static void Unequal(AnalysisModel model, FindingSink sink)
    {
        var ruled = model.VirtualServices.Where(item => item.Value.AppliesToMesh)
            .SelectMany(item => item.Value.Hosts.Select(host => (Host: host.Normalized.Value, item.Source)))
            .ToLookup(pair => pair.Host, pair => pair.Source, StringComparer.Ordinal);
        foreach (var (source, entry) in model.Entries)
        {
            for (var i = 0; i < entry.Hosts.Count; i++)
            {
                var name = entry.Hosts[i].Normalized.Value;
                var dot = name.IndexOf('.', StringComparison.Ordinal);
                if (dot <= 0 || entry.Hosts[i].IsWildcard || ruled.Contains(name) || !ruled.Contains(name[(dot + 1)..]))
                    continue;
                if (model.Registry.Declared(name[(dot + 1)..]) is not { Count: > 0 })
                    continue;
                sink.Info(source, AnalysisCodes.NearHost, $"spec.hosts[{i}]",
                    $"{ruled[name[(dot + 1)..]].First()} has rules for {name[(dot + 1)..]}; they do not apply to {name}",
                    $"add {name} to spec.hosts of that VirtualService if its rules are meant for both");
            }
        }
    }

    private static void Observed(AnalysisModel model, FindingSink sink)
    {
        foreach (var seen in model.Input.Unknown)
        {
            var client = seen.Workload.IndexOf('/', StringComparison.Ordinal) is var slash and > 0 ? seen.Workload[..slash] : "default";
            if (model.Registry.Covering(seen.Host, client).Count > 0)
                continue;
            if (model.Registry.OneLabelAway(seen.Host, client) is { } near)
            {
                sink.Warn(near.Source, AnalysisCodes.NearHost, $"spec.hosts[{near.Index}]",
                    $"{Called(seen)}; this entry declares {near.Host}, which does not match it: {Outcome(model)}, and no rule for {near.Host} applies",
                    $"add {seen.Host} to spec.hosts");
            }
            else if (model.Mesh.OutboundTrafficMode == OutboundTrafficMode.RegistryOnly && model.Namespaces.FirstOrDefault(item => item.Source.Name == client) is { } space)
            {
                sink.Info(space.Source, AnalysisCodes.BlockedDestination, "metadata.name",
                    $"{Called(seen)} and was refused: outboundTrafficPolicy is REGISTRY_ONLY, and no service or entry declares the host",
                    $"apply a ServiceEntry for {seen.Host}, or leave it blocked");
            }
        }
    }

    private static string Called(ObservedDestination seen) => seen.Count switch
    {
        0 => $"{seen.Workload} calls {seen.Host}",
        1 => $"{seen.Workload} called {seen.Host} once",
        _ => $"{seen.Workload} called {seen.Host} {seen.Count} times",
    };

    private static string Outcome(AnalysisModel model) => model.Mesh.OutboundTrafficMode == OutboundTrafficMode.RegistryOnly
        ? "the request is blocked (BlackHoleCluster)"
        : "the request goes to PassthroughCluster";

    private static bool IsOneLabel(string parent, string child) =>
        child.Length > parent.Length + 1 && child.EndsWith("." + parent, StringComparison.Ordinal)
        && child.IndexOf('.', StringComparison.Ordinal) == child.Length - parent.Length - 1;
}
