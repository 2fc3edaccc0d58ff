using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.Node.Network;

/// <summary>What the node knows of Services, EndpointSlices and Pods: an immutable picture that rules and names are made from.</summary>
internal sealed record ServiceCatalog
{
    public ImmutableSortedDictionary<string, ServiceView> Services { get; init; } = ImmutableSortedDictionary.Create<string, ServiceView>(StringComparer.Ordinal);
    public ImmutableSortedDictionary<string, SliceView> Slices { get; init; } = ImmutableSortedDictionary.Create<string, SliceView>(StringComparer.Ordinal);

    public IEnumerable<EndpointView> EndpointsOf(ServiceView service) => Slices.Values
        .Where(slice => slice.Namespace == service.Namespace && slice.Service == service.Name)
        .SelectMany(slice => slice.Endpoints);

    public IEnumerable<SliceView> SlicesOf(ServiceView service) => Slices.Values
        .Where(slice => slice.Namespace == service.Namespace && slice.Service == service.Name);
}

/// <summary>A Service as routing and names need it. <c>ClusterIp</c> is empty for headless and ExternalName services.</summary>
internal sealed record ServiceView(string Namespace, string Name, string ClusterIp, string ExternalName, bool PublishNotReady, ImmutableArray<ServicePortView> Ports)
{
    public static ServiceView Read(KubeObject service)
    {
        var spec = service.Spec ?? [];
        var address = Text(spec["clusterIP"]);
        var ports = (spec["ports"] as JsonArray ?? []).OfType<JsonObject>()
            .Select(port => new ServicePortView(Text(port["name"]), Text(port["protocol"]) is { Length: > 0 } protocol ? protocol : "TCP", Number(port["port"])));
        return new ServiceView(
            service.Namespace, service.Name, address == "None" ? "" : address,
            Text(spec["type"]) == "ExternalName" ? Text(spec["externalName"]) : "",
            spec["publishNotReadyAddresses"]?.GetValueKind() == System.Text.Json.JsonValueKind.True, [.. ports]);
    }

    internal static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    internal static int Number(JsonNode? node) => (int)Math.Clamp(JsonFields.IntegerOf(node) ?? 0, 0, ushort.MaxValue);
}

internal sealed record ServicePortView(string Name, string Protocol, int Port);

/// <summary>One EndpointSlice: its ports by name and its endpoints.</summary>
internal sealed record SliceView(string Namespace, string Service, ImmutableArray<ServicePortView> Ports, ImmutableArray<EndpointView> Endpoints)
{
    public static SliceView Read(KubeObject slice)
    {
        var ports = (slice.Root["ports"] as JsonArray ?? []).OfType<JsonObject>()
            .Select(port => new ServicePortView(ServiceView.Text(port["name"]), ServiceView.Text(port["protocol"]) is { Length: > 0 } protocol ? protocol : "TCP", ServiceView.Number(port["port"])));
        var endpoints = from endpoint in (slice.Root["endpoints"] as JsonArray ?? []).OfType<JsonObject>()
                        from address in endpoint["addresses"] as JsonArray ?? []
                        let ready = endpoint["conditions"]?["ready"]?.GetValueKind() != System.Text.Json.JsonValueKind.False
                        select new EndpointView(ServiceView.Text(address), ServiceView.Text(endpoint["hostname"]), ready);
        return new SliceView(slice.Namespace, slice.Labels.TryGetValue("kubernetes.io/service-name", out var owner) ? owner : "", [.. ports], [.. endpoints]);
    }
}

internal sealed record EndpointView(string Address, string HostName, bool IsReady);
