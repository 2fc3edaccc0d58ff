using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Analysis;

/// <summary>IST0101, IST0112, IST0132, FL0002, FL0003, FL0009: what a VirtualService refers to.</summary>
internal static class VirtualServiceAnalysis
{
    public static void Check(AnalysisModel model, FindingSink sink)
    {
        var subsets = Subsets(model);
        foreach (var (source, service) in model.VirtualServices)
        {
            Gateways(model, sink, source, service);
            Delegates(model, sink, source, service);
            foreach (var (path, destination) in Destinations(service))
                Destination(model, sink, subsets, source, service, path, destination);
            if (service is { IsDelegate: false, AppliesToMesh: true })
                Hosts(model, sink, source, service);
            Weights(sink, source, service);
        }
    }

    /// <summary>Subset names by full host, of all DestinationRules.</summary>
    private static ILookup<string, (string Name, string Namespace)> Subsets(AnalysisModel model) =>
        model.DestinationRules
            .SelectMany(rule => rule.Value.Subsets.Select(subset => (
                Host: HostName.Resolve(rule.Value.Host, rule.Value.Meta.Namespace).Normalized.Value,
                Entry: (subset.Name, rule.Value.Meta.Namespace))))
            .ToLookup(pair => pair.Host, pair => pair.Entry, StringComparer.Ordinal);

    private static IEnumerable<(string Path, Destination Destination)> Destinations(VirtualService service)
    {
        for (var i = 0; i < service.Http.Count; i++)
        {
            for (var j = 0; j < service.Http[i].Route.Count; j++)
                yield return ($"spec.http[{i}].route[{j}].destination", service.Http[i].Route[j].Destination);
            for (var j = 0; j < service.Http[i].Mirrors.Count; j++)
                yield return ($"spec.http[{i}].mirror", service.Http[i].Mirrors[j].Destination);
        }
        for (var i = 0; i < service.Tls.Count; i++)
        {
            for (var j = 0; j < service.Tls[i].Route.Count; j++)
                yield return ($"spec.tls[{i}].route[{j}].destination", service.Tls[i].Route[j].Destination);
        }
        for (var i = 0; i < service.Tcp.Count; i++)
        {
            for (var j = 0; j < service.Tcp[i].Route.Count; j++)
                yield return ($"spec.tcp[{i}].route[{j}].destination", service.Tcp[i].Route[j].Destination);
        }
    }

    private static void Destination(
        AnalysisModel model, FindingSink sink, ILookup<string, (string Name, string Namespace)> subsets, KubeObject source, VirtualService service, string path, Destination destination)
    {
        if (destination.Host.IsEmpty || destination.Host == "*")
            return;
        var host = HostName.Resolve(destination.Host, service.Meta.Namespace);
        var found = model.Registry.Covering(host, service.Meta.Namespace);
        if (found.Count == 0)
        {
            if (model.Input.IsComplete)
                sink.Error(source, AnalysisCodes.ReferencedResourceNotFound, path + ".host", $"Referenced host not found: \"{destination.Host}\"",
                    $"create a Service or a ServiceEntry for {host}, or correct the name: requests would be answered with 503 NC");
            return;
        }
        var ports = found.SelectMany(item => item.Ports).Select(port => port.Number).Distinct().Order().ToArray();
        if (destination.Port == 0 && ports.Length > 1)
            sink.Error(source, AnalysisCodes.PortSelectorRequired, path,
                $"This VirtualService routes to a service \"{destination.Host}\" that exposes multiple ports [{string.Join(" ", ports)}]. Specifying a port in the destination is required to disambiguate.",
                $"add port: {{number: {ports[0]}}}");
        else if (destination.Port != 0 && ports.Length > 0 && !ports.Contains(destination.Port))
            sink.Error(source, AnalysisCodes.ReferencedResourceNotFound, path + ".port.number", $"Referenced host:port not found: \"{destination.Host}:{destination.Port}\"",
                $"write one of the ports {string.Join(", ", ports)}");
        if (destination.Subset.Length > 0 && model.Input.IsComplete && !subsets[host.Normalized.Value].Any(subset => subset.Name == destination.Subset))
            sink.Error(source, AnalysisCodes.ReferencedResourceNotFound, path + ".subset", $"Referenced host+subset in destinationrule not found: \"{destination.Host}+{destination.Subset}\"",
                $"add the subset {destination.Subset} to a DestinationRule for {destination.Host}");
    }

    private static void Gateways(AnalysisModel model, FindingSink sink, KubeObject source, VirtualService service)
    {
        if (!model.Input.IsComplete)
            return;
        for (var i = 0; i < service.Gateways.Count; i++)
        {
            var name = service.Gateways[i];
            if (name == VirtualService.MeshGateway)
                continue;
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            var space = slash < 0 ? service.Meta.Namespace : name[..slash];
            if (!model.Exists("Gateway", space, name[(slash + 1)..]))
                sink.Error(source, AnalysisCodes.ReferencedResourceNotFound, $"spec.gateways[{i}]", $"Referenced gateway not found: \"{name}\"",
                    "create the Gateway, or write mesh for the sidecars");
        }
    }

    private static void Delegates(AnalysisModel model, FindingSink sink, KubeObject source, VirtualService service)
    {
        for (var i = 0; i < service.Http.Count; i++)
        {
            if (service.Http[i].Delegate is not { } target || !model.Input.IsComplete)
                continue;
            var space = target.Namespace.Length > 0 ? target.Namespace : service.Meta.Namespace;
            if (!model.Exists("VirtualService", space, target.Name))
                sink.Error(source, AnalysisCodes.ReferencedResourceNotFound, $"spec.http[{i}].delegate", $"Referenced virtual service not found: \"{space}/{target.Name}\"",
                    "create the delegate VirtualService: until then the rule is left out");
        }
    }

    private static void Hosts(AnalysisModel model, FindingSink sink, KubeObject source, VirtualService service)
    {
        for (var i = 0; i < service.Hosts.Count; i++)
        {
            var host = HostName.Resolve(service.Hosts[i], service.Meta.Namespace);
            if (host == "*" || Cidr.TryParseAddress(host.Value, out _))
                continue;
            var found = model.Registry.Covering(host, service.Meta.Namespace);
            if (found.Count > 0)
                OpaquePorts(sink, source, service, host, found);
            else if (model.Input.IsComplete && !host.IsWildcard && model.Registry.OneLabelAway(host, service.Meta.Namespace) is null)
                sink.Warn(source, AnalysisCodes.RulesWithoutService, $"spec.hosts[{i}]",
                    $"no Service and no ServiceEntry has the host {host}: {Effect(service)} applies on port 80 at best, and never on other ports",
                    $"add a ServiceEntry for {host}, or correct the name");
        }
    }

    private static void OpaquePorts(FindingSink sink, KubeObject source, VirtualService service, HostName host, IReadOnlyList<RegistryHost> found)
    {
        var ports = found.SelectMany(item => item.Ports).ToArray();
        if (ports.Length == 0 || service.Http.Count == 0)
            return;
        var opaque = ports.Where(port => port.Protocol.IsTls() || port.Protocol.IsTcp()).ToArray();
        if (opaque.Length == 0)
            return;
        var all = opaque.Length == ports.Length;
        for (var i = 0; i < service.Http.Count; i++)
        {
            if (Settings(service.Http[i]) is not { Length: > 0 } settings)
                continue;
            var onOpaque = service.Http[i].Match.Any(match => opaque.Any(port => port.Number == match.Port));
            if (!all && !onOpaque)
                continue;
            var shown = string.Join(", ", opaque.Select(port => $"{port.Number}/{port.Protocol.Name()}").Distinct());
            sink.Warn(source, AnalysisCodes.HttpRulesOnOpaquePort, $"spec.http[{i}].{settings[0]}",
                $"{string.Join(", ", settings)} cannot act on {host} port {shown}: the sidecar sees only encrypted or opaque bytes there",
                "call the host over HTTP and let the sidecar originate TLS (port 80, protocol HTTP, targetPort 443, DestinationRule tls SIMPLE), or set connectTimeout and idleTimeout in a DestinationRule");
        }
    }

    private static string[] Settings(HttpRoute route)
    {
        var names = new List<string>();
        if (route.Timeout is { } timeout && timeout > TimeSpan.Zero)
            names.Add("timeout");
        if (route.Retries is { Attempts: > 0 })
            names.Add("retries");
        if (route.Fault is not null)
            names.Add("fault");
        return [.. names];
    }

    private static string Effect(VirtualService service)
    {
        var settings = service.Http.SelectMany(Settings).Distinct().ToArray();
        return settings.Length == 0 ? "this VirtualService" : "its " + string.Join(" and ", settings);
    }

    private static void Weights(FindingSink sink, KubeObject source, VirtualService service)
    {
        for (var i = 0; i < service.Http.Count; i++)
        {
            var routes = service.Http[i].Route;
            var sum = routes.Sum(route => (long)route.Weight);
            if (routes.Count > 1 && sum is > 0 and not 100)
                sink.Info(source, AnalysisCodes.UnevenWeights, $"spec.http[{i}].route",
                    $"weights add up to {sum}: shares are {string.Join(", ", routes.Select(route => $"{100.0 * route.Weight / sum:0.#} %"))}",
                    "make them add up to 100 to read them as percent");
        }
    }
}
