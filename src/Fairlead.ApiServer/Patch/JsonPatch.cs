using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;

namespace Fairlead.ApiServer.Patch;

/// <summary>JSON Patch, RFC 6902: add, remove, replace, move, copy, test.</summary>
internal static class JsonPatch
{
    /// <summary>Operations in one patch (the real server's limit).</summary>
    private const int OperationLimit = 10_000;

    public static JsonNode? Apply(JsonNode target, JsonNode patch)
    {
        if (patch is not JsonArray operations)
            throw Refusal.BadRequest("a JSON patch must be an array of operations");
        if (operations.Count > OperationLimit)
            throw Refusal.TooLarge($"The allowed maximum operations in a JSON patch is {OperationLimit}, got {operations.Count}");
        // The root is put into a holder, so that replacing the whole document is like replacing a field.
        var holder = new JsonObject { ["root"] = target.Parent is null ? target : target.DeepClone() };
        foreach (var operation in operations)
            Run(holder, operation as JsonObject ?? throw Refusal.BadRequest("an operation of a JSON patch must be an object"));
        var root = holder["root"];
        holder.Remove("root");
        return root;
    }

    private static void Run(JsonObject holder, JsonObject operation)
    {
        var path = Steps(operation.TextAt("path"));
        switch (operation.TextAt("op"))
        {
            case "add":
                Add(holder, path, operation["value"]?.DeepClone());
                break;
            case "remove":
                Remove(holder, path);
                break;
            case "replace":
                Remove(holder, path);
                Add(holder, path, operation["value"]?.DeepClone());
                break;
            case "move":
                var from = Steps(operation.TextAt("from"));
                var moved = Find(holder, from)?.DeepClone();
                Remove(holder, from);
                Add(holder, path, moved);
                break;
            case "copy":
                Add(holder, path, Find(holder, Steps(operation.TextAt("from")))?.DeepClone());
                break;
            case "test":
                if (!JsonNode.DeepEquals(Find(holder, path), operation["value"]))
                    throw Unprocessable($"testing value {operation.TextAt("path")} failed: test failed");
                break;
            default:
                throw Unprocessable($"Unexpected kind: {operation.TextAt("op")}");
        }
    }

    private static string[] Steps(string pointer)
    {
        if (pointer.Length == 0)
            return ["root"];
        if (pointer[0] != '/')
            throw Unprocessable($"the path \"{pointer}\" is not a JSON pointer: it must begin with /");
        return ["root", .. pointer[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static JsonNode? Find(JsonNode? node, IEnumerable<string> steps)
    {
        foreach (var step in steps)
        {
            node = node switch
            {
                JsonObject fields when fields.TryGetPropertyValue(step, out var value) => value,
                JsonArray items => items[Index(items, step, items.Count - 1)],
                _ => throw Unprocessable($"the path step \"{step}\" does not exist: missing value"),
            };
        }
        return node;
    }

    private static void Add(JsonObject holder, string[] path, JsonNode? value)
    {
        switch (Find(holder, path[..^1]))
        {
            case JsonObject fields:
                fields.Remove(path[^1]);
                fields[path[^1]] = value;
                break;
            case JsonArray items when path[^1] == "-":
                items.Add(value);
                break;
            case JsonArray items:
                items.Insert(Index(items, path[^1], items.Count), value);
                break;
            default:
                throw Unprocessable($"add operation does not apply: doc is missing path: \"/{string.Join('/', path[1..])}\": missing value");
        }
    }

    private static void Remove(JsonObject holder, string[] path)
    {
        switch (Find(holder, path[..^1]))
        {
            case JsonObject fields when fields.ContainsKey(path[^1]):
                fields.Remove(path[^1]);
                break;
            case JsonArray items:
                items.RemoveAt(Index(items, path[^1], items.Count - 1));
                break;
            default:
                throw Unprocessable($"remove operation does not apply: doc is missing path: \"/{string.Join('/', path[1..])}\": missing value");
        }
    }

    private static int Index(JsonArray items, string step, int last) =>
        int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= last
            ? index
            : throw Unprocessable($"the index \"{step}\" is out of bounds of a list of {items.Count}: invalid index referenced");

    private static Refusal Unprocessable(string message) => new(422, "Invalid", "the server rejected our request due to an error in our request: " + message);
}
