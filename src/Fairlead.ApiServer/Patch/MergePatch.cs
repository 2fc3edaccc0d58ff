using System.Text.Json.Nodes;

namespace Fairlead.ApiServer.Patch;

/// <summary>JSON Merge Patch, RFC 7386.</summary>
internal static class MergePatch
{
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject fields)
            return patch?.DeepClone();
        var result = target as JsonObject ?? [];
        foreach (var (name, value) in fields)
        {
            if (value is null)
            {
                result.Remove(name);
                continue;
            }
            var had = result[name];
            result.Remove(name);
            result[name] = Apply(had, value);
        }
        return result;
    }
}
