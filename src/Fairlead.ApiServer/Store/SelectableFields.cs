using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Store;

/// <summary>The fields that field selectors may name, per kind, as the real server allows them.</summary>
public static class SelectableFields
{
    private static readonly string[] PodFields =
        ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase", "status.podIP"];

    private static readonly string[] EventFields =
    [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
        "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
        "reason", "reportingComponent", "source", "type",
    ];

    /// <summary>Every path that a selector may name for this kind.</summary>
    public static IReadOnlyList<string> Names(KindDescriptor kind) =>
        ["metadata.name", "metadata.namespace", .. Extra(kind)];

    public static IReadOnlyDictionary<string, string> Of(KindDescriptor kind, KubeObject target)
    {
        var extra = Extra(kind);
        var fields = new Dictionary<string, string>(2 + extra.Count, StringComparer.Ordinal)
        {
            ["metadata.name"] = target.Name,
            ["metadata.namespace"] = kind.Namespaced ? target.Namespace : "",
        };
        foreach (var path in extra)
            fields[path] = path == "source" ? Text(target.Root, "source.component") : Text(target.Root, path);
        return fields;
    }

    private static IReadOnlyList<string> Extra(KindDescriptor kind)
    {
        if (kind == KindTable.Pod)
            return PodFields;
        if (kind == KindTable.Event)
            return EventFields;
        if (kind == KindTable.Secret)
            return ["type"];
        if (kind == KindTable.Namespace)
            return ["status.phase"];
        if (kind == KindTable.Node)
            return ["spec.unschedulable"];
        if (kind == KindTable.ReplicaSet)
            return ["status.replicas"];
        return [];
    }

    private static string Text(JsonNode? node, string path)
    {
        foreach (var step in path.Split('.'))
            node = (node as JsonObject)?[step];
        return node is JsonValue value ? value.ToString() : "";
    }
}
