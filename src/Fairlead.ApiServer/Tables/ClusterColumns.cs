using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Tables;

/// <summary>Namespaces, nodes and events.</summary>
internal static class ClusterColumns
{
    public static IReadOnlyList<TableColumn> Namespaces { get; } =
    [
        KindColumns.Name,
        new("Status", "string", (item, _) => item.Root.TextAt("status.phase")),
        KindColumns.Age,
    ];

    public static IReadOnlyList<TableColumn> Nodes { get; } =
    [
        KindColumns.Name,
        new("Status", "string", (node, _) => NodeStatus(node)),
        new("Roles", "string", (node, _) => Roles(node)),
        KindColumns.Age,
        new("Version", "string", (node, _) => node.Root.TextAt("status.nodeInfo.kubeletVersion")),
        new("Internal-IP", "string", (node, _) => Address(node, "InternalIP")) { Priority = 1 },
        new("External-IP", "string", (node, _) => Address(node, "ExternalIP")) { Priority = 1 },
        new("OS-Image", "string", (node, _) => Unknown(node, "osImage")) { Priority = 1 },
        new("Kernel-Version", "string", (node, _) => Unknown(node, "kernelVersion")) { Priority = 1 },
        new("Container-Runtime", "string", (node, _) => Unknown(node, "containerRuntimeVersion")) { Priority = 1 },
    ];

    public static IReadOnlyList<TableColumn> Events { get; } =
    [
        new("Last Seen", "string", (item, now) => LastSeen(item, now)),
        new("Type", "string", (item, _) => item.Root.TextAt("type")),
        new("Reason", "string", (item, _) => item.Root.TextAt("reason")),
        new("Object", "string", (item, _) => $"{item.Root.TextAt("involvedObject.kind").ToLowerInvariant()}/{item.Root.TextAt("involvedObject.name")}"),
        new("Subobject", "string", (item, _) => item.Root.TextAt("involvedObject.fieldPath")) { Priority = 1 },
        new("Source", "string", (item, _) => Source(item)) { Priority = 1 },
        new("Message", "string", (item, _) => item.Root.TextAt("message").Trim()),
        new("First Seen", "string", (item, now) => Cells.Age(First(item), now)) { Priority = 1 },
        new("Count", "string", (item, _) => item.Root.NumberAt("count") ?? item.Root.NumberAt("series.count") ?? 1) { Priority = 1 },
        new("Name", "string", (item, _) => item.Name) { Priority = 1, Format = "name" },
    ];

    private static string NodeStatus(KubeObject node)
    {
        var ready = node.Root.ObjectsAt("status.conditions").FirstOrDefault(condition => condition.TextAt("type") == "Ready");
        var words = new List<string> { ready is null ? "Unknown" : ready.TextAt("status") == "True" ? "Ready" : "NotReady" };
        if (node.Root.FlagAt("spec.unschedulable"))
            words.Add("SchedulingDisabled");
        return string.Join(',', words);
    }

    private static string Roles(KubeObject node)
    {
        const string Prefix = "node-role.kubernetes.io/";
        return Cells.OrNone(string.Join(',', node.Labels.Keys.Where(key => key.StartsWith(Prefix, StringComparison.Ordinal)).Select(key => key[Prefix.Length..])));
    }

    private static string Address(KubeObject node, string type) =>
        Cells.OrNone(node.Root.ObjectsAt("status.addresses").FirstOrDefault(address => address.TextAt("type") == type).TextAt("address"));

    private static string Unknown(KubeObject node, string field) =>
        node.Root.TextAt("status.nodeInfo." + field) is { Length: > 0 } text ? text : "<unknown>";

    private static string First(KubeObject item) =>
        item.Root.TextAt("firstTimestamp") is { Length: > 0 } first ? first : item.Root.TextAt("eventTime");

    private static string LastSeen(KubeObject item, DateTimeOffset now)
    {
        var last = item.Root.TextAt("series.lastObservedTime") is { Length: > 0 } observed ? observed
            : item.Root.TextAt("lastTimestamp") is { Length: > 0 } stamped ? stamped
            : First(item);
        return Cells.Age(last, now);
    }

    private static JsonNode Source(KubeObject item)
    {
        var component = item.Root.TextAt("source.component") is { Length: > 0 } named ? named : item.Root.TextAt("reportingComponent");
        var host = item.Root.TextAt("source.host");
        return host.Length > 0 ? $"{component}, {host}" : component;
    }
}
