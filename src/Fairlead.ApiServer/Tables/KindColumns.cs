using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Tables;

/// <summary>The columns of each kind: the real server's for built-in kinds, the CRD's printer columns for Istio's.</summary>
internal static class KindColumns
{
    private static readonly ConcurrentDictionary<KindDescriptor, IReadOnlyList<TableColumn>> Known = new(ReferenceEqualityComparer.Instance);

    public static TableColumn Name { get; } = new("Name", "string", (item, _) => item.Name) { Format = "name", Description = "Name must be unique within a namespace." };
    public static TableColumn Age { get; } = new("Age", "string", (item, now) => Cells.Age(item.CreationTimestamp, now)) { Description = "Time since creation." };

    public static IReadOnlyList<TableColumn> Of(KindDescriptor kind) => Known.GetOrAdd(kind, Make);

    /// <summary>What marks a row as over, so that kubectl may hide it; null for most.</summary>
    public static JsonArray? Conditions(KindDescriptor kind, KubeObject item) =>
        kind == KindTable.Pod && item.Root.TextAt("status.phase") is ("Succeeded" or "Failed") and var phase
            ? new JsonArray(new JsonObject { ["type"] = "Completed", ["status"] = "True", ["reason"] = phase, ["message"] = $"The pod has {(phase == "Failed" ? "failed." : "completed successfully.")}" })
            : null;

    private static IReadOnlyList<TableColumn> Make(KindDescriptor kind)
    {
        if (kind == KindTable.Pod)
            return PodColumns.All;
        if (kind == KindTable.Service)
            return ServiceColumns.Services;
        if (kind == KindTable.Endpoints)
            return ServiceColumns.Endpoints;
        if (kind == KindTable.EndpointSlice)
            return ServiceColumns.Slices;
        if (kind == KindTable.Deployment)
            return WorkloadColumns.Deployments;
        if (kind == KindTable.ReplicaSet)
            return WorkloadColumns.ReplicaSets;
        if (kind == KindTable.Event)
            return ClusterColumns.Events;
        if (kind == KindTable.Node)
            return ClusterColumns.Nodes;
        if (kind == KindTable.Namespace)
            return ClusterColumns.Namespaces;
        if (kind == KindTable.ServiceAccount)
            return [Name, new("Secrets", "string", (item, _) => Count(item, "secrets")), Age];
        if (kind == KindTable.ConfigMap)
            return [Name, new("Data", "string", (item, _) => Fields(item, "data") + Fields(item, "binaryData")), Age];
        if (kind == KindTable.Secret)
            return [Name, new("Type", "string", (item, _) => item.Root.TextAt("type")), new("Data", "string", (item, _) => Fields(item, "data")), Age];
        if (kind == KindTable.Lease)
            return [Name, new("Holder", "string", (item, _) => item.Root.TextAt("spec.holderIdentity")), Age];
        if (kind == KindTable.MutatingWebhookConfiguration || kind == KindTable.ValidatingWebhookConfiguration)
            return [Name, new("Webhooks", "integer", (item, _) => Count(item, "webhooks")), Age];
        if (kind == KindTable.CustomResourceDefinition)
            return [Name, new("Created At", "date", (item, _) => item.CreationTimestamp)];
        return Custom(kind);
    }

    private static long Count(KubeObject item, string field) => item.Root[field] is JsonArray list ? list.Count : 0;

    private static long Fields(KubeObject item, string field) => item.Root[field] is JsonObject fields ? fields.Count : 0;

    private static IReadOnlyList<TableColumn> Custom(KindDescriptor kind) => kind.PrinterColumns.Count == 0
        ? [Name, Age]
        : [Name, .. kind.PrinterColumns.Select(column => new TableColumn(column.Name, column.Type, (item, now) => PrinterCell(column, item, now))
        {
            Priority = column.Priority,
            Description = column.Description,
        })];

    private static JsonNode? PrinterCell(PrinterColumn column, KubeObject item, DateTimeOffset now)
    {
        var value = item.Root.At(column.JsonPath.TrimStart('.'));
        if (value is null)
            return null;
        // A date prints as the time since; lists and objects as compact JSON, as a CRD's columns do.
        if (column.Type == "date")
            return Cells.Age(value.ToString(), now);
        return value is JsonValue ? value.DeepClone() : value.ToJsonString(JsonText.Relaxed);
    }
}
