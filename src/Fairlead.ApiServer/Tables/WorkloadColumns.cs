using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Tables;

/// <summary>Deployments and ReplicaSets.</summary>
internal static class WorkloadColumns
{
    public static IReadOnlyList<TableColumn> Deployments { get; } =
    [
        KindColumns.Name,
        new("Ready", "string", (item, _) => $"{Count(item, "status.readyReplicas")}/{Count(item, "spec.replicas")}"),
        new("Up-to-date", "string", (item, _) => Count(item, "status.updatedReplicas")),
        new("Available", "string", (item, _) => Count(item, "status.availableReplicas")),
        KindColumns.Age,
        .. Wide(),
    ];

    public static IReadOnlyList<TableColumn> ReplicaSets { get; } =
    [
        KindColumns.Name,
        new("Desired", "integer", (item, _) => Count(item, "spec.replicas")),
        new("Current", "integer", (item, _) => Count(item, "status.replicas")),
        new("Ready", "integer", (item, _) => Count(item, "status.readyReplicas")),
        KindColumns.Age,
        .. Wide(),
    ];

    private static TableColumn[] Wide() =>
    [
        new("Containers", "string", (item, _) => Join(item, "name")) { Priority = 1 },
        new("Images", "string", (item, _) => Join(item, "image")) { Priority = 1 },
        new("Selector", "string", (item, _) => Cells.Selector(item.Root.At("spec.selector"))) { Priority = 1 },
    ];

    private static long Count(KubeObject item, string path) => item.Root.NumberAt(path) ?? 0;

    private static JsonNode Join(KubeObject item, string field) =>
        string.Join(',', item.Root.ObjectsAt("spec.template.spec.containers").Select(container => container.TextAt(field)));
}
