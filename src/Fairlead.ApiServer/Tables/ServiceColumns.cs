using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Tables;

/// <summary>Services and what stands behind them.</summary>
internal static class ServiceColumns
{
    /// <summary>Endpoints shown in a cell before "+ N more...".</summary>
    private const int EndpointsShown = 3;

    public static IReadOnlyList<TableColumn> Services { get; } =
    [
        KindColumns.Name,
        new("Type", "string", (service, _) => service.Root.TextAt("spec.type")),
        new("Cluster-IP", "string", (service, _) => Cells.OrNone(service.Root.TextAt("spec.clusterIP"))),
        new("External-IP", "string", (service, _) => External(service)),
        new("Port(s)", "string", (service, _) => Ports(service)),
        KindColumns.Age,
        new("Selector", "string", (service, _) => Cells.Map(service.Root.TextMapAt("spec.selector"))) { Priority = 1 },
    ];

    public static IReadOnlyList<TableColumn> Endpoints { get; } =
    [
        KindColumns.Name,
        new("Endpoints", "string", (endpoints, _) => Addresses(endpoints)),
        KindColumns.Age,
    ];

    public static IReadOnlyList<TableColumn> Slices { get; } =
    [
        KindColumns.Name,
        new("AddressType", "string", (slice, _) => slice.Root.TextAt("addressType")),
        new("Ports", "string", (slice, _) => Shown([.. slice.Root.ObjectsAt("ports").Select(port => port["port"]?.ToString() ?? "*")], "<unset>")),
        new("Endpoints", "string", (slice, _) => Shown([.. slice.Root.ObjectsAt("endpoints").Select(endpoint => (endpoint["addresses"] as JsonArray)?.FirstOrDefault()?.ToString() ?? "")], "<unset>")),
        KindColumns.Age,
    ];

    private static string External(KubeObject service)
    {
        if (service.Root.TextAt("spec.type") == "ExternalName")
            return service.Root.TextAt("spec.externalName");
        if (service.Root.At("spec.externalIPs") is JsonArray { Count: > 0 } addresses)
            return string.Join(',', addresses.Select(address => address?.ToString()));
        return service.Root.TextAt("spec.type") == "LoadBalancer" ? "<pending>" : "<none>";
    }

    private static string Ports(KubeObject service)
    {
        var ports = service.Root.ObjectsAt("spec.ports").Select(port => port.NumberAt("nodePort") is > 0 and var node
            ? $"{port["port"]}:{node}/{port.TextAt("protocol")}"
            : $"{port["port"]}/{port.TextAt("protocol")}");
        return Cells.OrNone(string.Join(',', ports));
    }

    private static string Addresses(KubeObject endpoints)
    {
        var all = new List<string>();
        foreach (var subset in endpoints.Root.ObjectsAt("subsets"))
        {
            var ports = subset.ObjectsAt("ports").Select(port => port["port"]?.ToString() ?? "").ToArray();
            if (ports.Length == 0)
                all.AddRange(subset.ObjectsAt("addresses").Select(address => address.TextAt("ip")));
            foreach (var port in ports)
                all.AddRange(subset.ObjectsAt("addresses").Select(address => $"{address.TextAt("ip")}:{port}"));
        }
        return Shown(all, "<none>");
    }

    private static string Shown(List<string> all, string none)
    {
        if (all.Count == 0)
            return none;
        var text = string.Join(',', all.Take(EndpointsShown));
        return all.Count > EndpointsShown ? string.Create(CultureInfo.InvariantCulture, $"{text} + {all.Count - EndpointsShown} more...") : text;
    }
}
