using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Controllers;

/// <summary>Which addresses and ports stand behind a Service. Pure: objects in, objects out.</summary>
internal static class EndpointSets
{
    /// <summary>Endpoints in one slice (the real server's).</summary>
    private const int SliceLimit = 100;

    /// <summary>EndpointSlices without metadata; a Service without endpoints has one that is empty.</summary>
    public static List<JsonObject> Slices(KubeObject service, IReadOnlyList<KubeObject> pods)
    {
        var slices = new List<JsonObject>();
        var groups = pods.GroupBy(pod => Ports(service, pod).ToJsonString()).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        if (groups.Count == 0)
            slices.Add(Slice([], []));
        foreach (var group in groups)
        {
            foreach (var chunk in group.OrderBy(pod => pod.Name, StringComparer.Ordinal).Chunk(SliceLimit))
                slices.Add(Slice([.. chunk.Select(pod => Endpoint(service, pod))], Ports(service, chunk[0])));
        }
        return slices;
    }

    /// <summary>The subsets of the older Endpoints kind.</summary>
    public static JsonArray Subsets(KubeObject service, IReadOnlyList<KubeObject> pods)
    {
        var subsets = new JsonArray();
        var lenient = service.Root.FlagAt("spec.publishNotReadyAddresses");
        foreach (var group in pods.GroupBy(pod => Ports(service, pod).ToJsonString()).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var subset = new JsonObject();
            var ready = group.Where(pod => lenient || Owners.IsReady(pod)).OrderBy(pod => pod.Name, StringComparer.Ordinal).ToList();
            var waiting = group.Where(pod => !lenient && !Owners.IsReady(pod) && !pod.IsBeingDeleted).OrderBy(pod => pod.Name, StringComparer.Ordinal).ToList();
            if (ready.Count > 0)
                subset["addresses"] = new JsonArray([.. ready.Select(Address)]);
            if (waiting.Count > 0)
                subset["notReadyAddresses"] = new JsonArray([.. waiting.Select(Address)]);
            if (subset.Count == 0)
                continue;
            subset["ports"] = Ports(service, group.First());
            subsets.Add(subset);
        }
        return subsets;
    }

    /// <summary>Slices of Endpoints that were written by hand.</summary>
    public static List<JsonObject> Mirrored(KubeObject endpoints)
    {
        var slices = new List<JsonObject>();
        foreach (var subset in endpoints.Root.ObjectsAt("subsets"))
        {
            JsonObject Mirror(JsonObject address, bool ready) => new()
            {
                ["addresses"] = JsonPath.TextArray(address.TextAt("ip")),
                ["conditions"] = new JsonObject { ["ready"] = ready, ["serving"] = ready, ["terminating"] = false },
            };
            JsonArray all = [.. subset.ObjectsAt("addresses").Select(address => Mirror(address, true)), .. subset.ObjectsAt("notReadyAddresses").Select(address => Mirror(address, false))];
            slices.Add(Slice(all, new JsonArray([.. subset.ObjectsAt("ports").Select(port => port.DeepClone())])));
        }
        return slices;
    }

    private static JsonObject Slice(JsonArray endpoints, JsonArray ports) => new() { ["addressType"] = "IPv4", ["endpoints"] = endpoints, ["ports"] = ports };

    private static JsonObject Endpoint(KubeObject service, KubeObject pod)
    {
        var serving = pod.Root.ObjectsAt("status.conditions").Any(condition => condition.TextAt("type") == "Ready" && condition.TextAt("status") == "True");
        var endpoint = new JsonObject
        {
            ["addresses"] = JsonPath.TextArray(pod.Root.TextAt("status.podIP")),
            ["conditions"] = new JsonObject
            {
                ["ready"] = service.Root.FlagAt("spec.publishNotReadyAddresses") || (serving && !pod.IsBeingDeleted),
                ["serving"] = serving,
                ["terminating"] = pod.IsBeingDeleted,
            },
            ["nodeName"] = pod.Root.TextAt("spec.nodeName"),
            ["targetRef"] = Target(pod),
        };
        if (pod.Root.TextAt("spec.hostname") is { Length: > 0 } hostname && pod.Root.TextAt("spec.subdomain") == service.Name)
            endpoint["hostname"] = hostname;
        return endpoint;
    }

    private static JsonObject Address(KubeObject pod) => new()
    {
        ["ip"] = pod.Root.TextAt("status.podIP"),
        ["nodeName"] = pod.Root.TextAt("spec.nodeName"),
        ["targetRef"] = Target(pod),
    };

    private static JsonObject Target(KubeObject pod) =>
        new() { ["kind"] = "Pod", ["namespace"] = pod.Namespace, ["name"] = pod.Name, ["uid"] = pod.Uid };

    /// <summary>The Service's ports as this pod has them; a named target port that the pod lacks is left out.</summary>
    private static JsonArray Ports(KubeObject service, KubeObject pod)
    {
        var ports = new JsonArray();
        foreach (var port in service.Root.ObjectsAt("spec.ports"))
        {
            var number = port["targetPort"].AsNumber() ?? Named(pod, port.TextAt("targetPort"), port.TextAt("protocol"));
            if (number is null)
                continue;
            var made = new JsonObject { ["name"] = port.TextAt("name"), ["port"] = number, ["protocol"] = port.TextAt("protocol") };
            if (port.TextAt("appProtocol") is { Length: > 0 } application)
                made["appProtocol"] = application;
            ports.Add(made);
        }
        return ports;
    }

    private static long? Named(KubeObject pod, string name, string protocol) =>
        pod.Root.ObjectsAt("spec.containers").Concat(pod.Root.ObjectsAt("spec.initContainers").Where(container => container.TextAt("restartPolicy") == "Always"))
            .SelectMany(container => container.ObjectsAt("ports"))
            .FirstOrDefault(port => port.TextAt("name") == name && port.TextAt("protocol") == protocol)?.NumberAt("containerPort");
}
