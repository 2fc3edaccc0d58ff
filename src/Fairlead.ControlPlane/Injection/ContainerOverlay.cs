using System.Text.Json.Nodes;

namespace Fairlead.ControlPlane.Injection;

/// <summary>
/// A pod may itself name a container <c>istio-proxy</c> to adjust the one that is injected (Istio, "Customizing injection"): its fields win,
/// lists whose items have names are merged by name, and image <c>auto</c> means the injected one.
/// </summary>
internal static class ContainerOverlay
{
    private static readonly Dictionary<string, string> MergeKeys = new(StringComparer.Ordinal)
    {
        ["env"] = "name",
        ["volumeMounts"] = "mountPath",
        ["ports"] = "containerPort",
    };

    public static void Apply(JsonObject injected, JsonObject own)
    {
        foreach (var (field, value) in own)
        {
            if (field == "image" && value is JsonValue image && image.TryGetValue(out string? name) && name == "auto")
                continue;
            if (MergeKeys.TryGetValue(field, out var key) && value is JsonArray items && injected[field] is JsonArray present)
                MergeItems(present, items, key);
            else if (value is JsonObject fields && injected[field] is JsonObject target)
                Apply(target, fields);
            else
                injected[field] = value?.DeepClone();
        }
    }

    private static void MergeItems(JsonArray present, JsonArray own, string key)
    {
        foreach (var item in own.OfType<JsonObject>())
        {
            for (var index = present.Count - 1; index >= 0; index--)
            {
                if (present[index] is JsonObject other && JsonNode.DeepEquals(other[key], item[key]))
                    present.RemoveAt(index);
            }
            present.Add(item.DeepClone());
        }
    }
}
