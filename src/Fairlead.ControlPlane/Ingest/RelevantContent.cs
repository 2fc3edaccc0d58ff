using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Ingest;

/// <summary>
/// What of an object can change what a proxy is sent. Everything else is left out before objects are compared, so that writing status, renewing a
/// heartbeat or a field manager's bookkeeping is no change at all and can never feed back.
/// </summary>
public static class RelevantContent
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>A copy that is complete in memory (safe for concurrent reading) and holds the relevant fields only.</summary>
    public static KubeObject Of(KindDescriptor kind, KubeObject target)
    {
        var copy = new JsonObject();
        foreach (var (field, value) in target.Root)
        {
            if (field is "metadata" && value is JsonObject metadata)
                copy[field] = Metadata(metadata);
            else if (field is "status")
                Put(copy, field, Status(kind, value as JsonObject));
            else
                copy[field] = value is JsonObject own && kind == KindTable.Pod && field == "spec" ? PodSpec(own) : value?.DeepClone();
        }
        // The storage version, whichever version was served.
        copy["apiVersion"] = kind.ApiVersion(kind.StorageVersion);
        Materialise(copy);
        return new KubeObject(copy);
    }

    private static JsonObject Metadata(JsonObject metadata)
    {
        var copy = new JsonObject();
        foreach (var (field, value) in metadata)
        {
            if (field is "managedFields" or "resourceVersion" or "selfLink")
                continue;
            copy[field] = value?.DeepClone();
        }
        if (copy["annotations"] is JsonObject annotations)
        {
            annotations.Remove(LastApplied);
            if (annotations.Count == 0)
                copy.Remove("annotations");
        }
        return copy;
    }

    /// <summary>
    /// Status is input for three kinds: where a pod is and whether it is ready, the health of a WorkloadEntry, the addresses allocated to a ServiceEntry.
    /// </summary>
    private static JsonObject? Status(KindDescriptor kind, JsonObject? status)
    {
        if (kind == KindTable.ServiceEntry && status?["addresses"] is { } addresses)
            return new JsonObject { ["addresses"] = addresses.DeepClone() };
        if (status is null || (kind != KindTable.Pod && kind != KindTable.WorkloadEntry))
            return null;
        var copy = new JsonObject();
        foreach (var field in (string[])["phase", "podIP", "podIPs", "hostIP"])
            Put(copy, field, status[field]?.DeepClone());
        var conditions = new JsonArray();
        foreach (var node in status["conditions"] as JsonArray ?? [])
        {
            if (node is JsonObject condition && Text(condition, "type") is "Ready" or "Healthy")
                conditions.Add(new JsonObject { ["type"] = Text((JsonObject)node!, "type"), ["status"] = Text((JsonObject)node!, "status") });
        }
        if (conditions.Count > 0)
            copy["conditions"] = conditions;
        return copy;
    }

    /// <summary>Of a pod's spec: what places and names it, and its containers' names and ports. Images, volumes and environments stay out of memory.</summary>
    private static JsonObject PodSpec(JsonObject spec)
    {
        var copy = new JsonObject();
        foreach (var field in (string[])["nodeName", "serviceAccountName", "hostNetwork", "hostname", "subdomain"])
            Put(copy, field, spec[field]?.DeepClone());
        foreach (var list in (string[])["containers", "initContainers"])
        {
            if (spec[list] is not JsonArray containers)
                continue;
            var kept = new JsonArray();
            foreach (var container in containers.OfType<JsonObject>())
            {
                var own = new JsonObject { ["name"] = Text(container, "name") };
                Put(own, "ports", container["ports"]?.DeepClone());
                kept.Add(own);
            }
            copy[list] = kept;
        }
        return copy;
    }

    private static void Put(JsonObject target, string field, JsonNode? value)
    {
        if (value is not null)
            target[field] = value;
    }

    /// <summary>A parsed tree unfolds when it is first read, which two threads must not do at once: unfold it now.</summary>
    private static void Materialise(JsonNode? node)
    {
        if (node is JsonObject fields)
        {
            foreach (var (_, value) in fields)
                Materialise(value);
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
                Materialise(item);
        }
    }

    private static string Text(JsonObject node, string field) =>
        node[field] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
