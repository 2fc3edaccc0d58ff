using System.Text.Json.Nodes;

namespace Fairlead.ControlPlane.Admission;

/// <summary>The RFC 6902 operations that turn one JSON object into another.</summary>
public static class JsonDifference
{
    /// <summary>Members are compared by name; an array that only grew at its end gets additions, any other array that changed is replaced whole.</summary>
    public static JsonArray Between(JsonObject before, JsonObject after)
    {
        var operations = new JsonArray();
        Compare(before, after, "", operations);
        return operations;
    }

    private static void Compare(JsonObject before, JsonObject after, string path, JsonArray operations)
    {
        foreach (var (name, old) in before)
        {
            var place = $"{path}/{Escape(name)}";
            if (!after.TryGetPropertyValue(name, out var now))
                operations.Add(new JsonObject { ["op"] = "remove", ["path"] = place });
            else if (!JsonNode.DeepEquals(old, now))
                Change(old, now, place, operations);
        }
        foreach (var (name, now) in after)
        {
            if (!before.ContainsKey(name))
                operations.Add(Operation("add", $"{path}/{Escape(name)}", now));
        }
    }

    private static void Change(JsonNode? old, JsonNode? now, string place, JsonArray operations)
    {
        if (old is JsonObject oldFields && now is JsonObject newFields)
            Compare(oldFields, newFields, place, operations);
        else if (old is JsonArray oldItems && now is JsonArray newItems && IsPrefix(oldItems, newItems))
            foreach (var item in newItems.Skip(oldItems.Count))
                operations.Add(Operation("add", $"{place}/-", item));
        else
            operations.Add(Operation("replace", place, now));
    }

    private static bool IsPrefix(JsonArray shorter, JsonArray longer)
    {
        if (shorter.Count > longer.Count)
            return false;
        for (var index = 0; index < shorter.Count; index++)
        {
            if (!JsonNode.DeepEquals(shorter[index], longer[index]))
                return false;
        }
        return true;
    }

    private static JsonObject Operation(string op, string path, JsonNode? value) =>
        new() { ["op"] = op, ["path"] = path, ["value"] = value?.DeepClone() };

    /// <summary>RFC 6901, section 4.</summary>
    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
