using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.Node.Machine;

/// <summary>Reading of API objects' trees: a field that is missing or of another type reads as empty.</summary>
internal static class JsonTree
{
    public static string Text(this JsonNode? node, string field) =>
        node is JsonObject tree && tree[field] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    public static JsonObject? Child(this JsonNode? node, string field) => node is JsonObject tree ? tree[field] as JsonObject : null;

    public static IEnumerable<JsonObject> Children(this JsonNode? node, string field) =>
        (node is JsonObject tree ? tree[field] as JsonArray : null)?.OfType<JsonObject>() ?? [];

    public static IReadOnlyList<string> Texts(this JsonNode? node, string field) =>
        [.. ((node is JsonObject tree ? tree[field] as JsonArray : null) ?? []).OfType<JsonValue>().Select(value => value.TryGetValue(out string? text) ? text : value.ToString())];

    public static int? Number(this JsonNode? node, string field) => (int?)Long(node, field);

    public static long? Long(this JsonNode? node, string field) => node is JsonObject tree && tree[field] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? JsonFields.IntegerOf(value) : null;

    public static bool Flag(this JsonNode? node, string field) => node is JsonObject tree && tree[field]?.GetValueKind() == JsonValueKind.True;

    public static IEnumerable<KeyValuePair<string, string>> Map(this JsonNode? node, string field) =>
        (node.Child(field) ?? []).Select(pair => KeyValuePair.Create(pair.Key, pair.Value is JsonValue value && value.TryGetValue(out string? text) ? text : pair.Value?.ToString() ?? ""));

    public static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode?)JsonValue.Create(text))];

    public static string Timestamp(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
