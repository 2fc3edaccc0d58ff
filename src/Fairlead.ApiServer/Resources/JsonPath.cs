using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fairlead.ApiServer.Resources;

/// <summary>Reads fields of a tree by dotted paths; what is absent or of another type is empty.</summary>
internal static class JsonPath
{
    public static JsonNode? At(this JsonNode? node, string path)
    {
        foreach (var step in path.Split('.'))
            node = node is JsonObject fields && fields.TryGetPropertyValue(step, out var value) ? value : null;
        return node;
    }

    public static string TextAt(this JsonNode? node, string path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    public static long? NumberAt(this JsonNode? node, string path) => node.At(path).AsNumber();

    public static long? AsNumber(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        && double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var number)
            ? (long)number
            : null;

    public static bool FlagAt(this JsonNode? node, string path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out bool flag) && flag;

    public static JsonObject Ensure(this JsonObject parent, string field)
    {
        if (parent[field] is JsonObject child)
            return child;
        var made = new JsonObject();
        parent[field] = made;
        return made;
    }

    public static IEnumerable<JsonObject> ObjectsAt(this JsonNode? node, string path) =>
        node.At(path) is JsonArray array ? array.OfType<JsonObject>() : [];

    public static IReadOnlyDictionary<string, string> TextMapAt(this JsonNode? node, string path) =>
        node.At(path) is JsonObject fields
            ? fields.Where(field => field.Value is JsonValue).ToDictionary(field => field.Key, field => field.Value!.ToString(), StringComparer.Ordinal)
            : new Dictionary<string, string>();

    public static JsonArray TextArray(params IEnumerable<string> values) => new([.. values.Select(value => (JsonNode?)JsonValue.Create(value))]);

    /// <summary>RFC 3339 in seconds, as API objects carry times.</summary>
    public static string Timestamp(DateTimeOffset moment) => moment.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static DateTimeOffset? Moment(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
}
