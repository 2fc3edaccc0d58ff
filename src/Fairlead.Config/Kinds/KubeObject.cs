using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Reading;

namespace Fairlead.Config.Kinds;

/// <summary>
/// One API object as its JSON tree: what every kind has in common, with every field that nobody here acts on preserved.
/// Typed records (<c>ServiceEntry</c>, <c>Pod</c> …) are read from it; it is what travels and is stored.
/// </summary>
public sealed class KubeObject(JsonObject root)
{
    public JsonObject Root { get; } = root;

    public string ApiVersion => Text(Root, "apiVersion");
    public string Kind => Text(Root, "kind");
    public JsonObject Metadata => Child(Root, "metadata");
    public string Name => Text(Metadata, "name");
    public string Namespace => Text(Metadata, "namespace");
    public string Uid => Text(Metadata, "uid");
    public string ResourceVersion => Text(Metadata, "resourceVersion");
    public long Generation => Metadata.Integer("generation");

    /// <summary>RFC 3339, seconds; empty before the object is stored.</summary>
    public string CreationTimestamp => Text(Metadata, "creationTimestamp");

    /// <summary>RFC 3339, seconds; empty while the object lives.</summary>
    public string DeletionTimestamp => Text(Metadata, "deletionTimestamp");

    public bool IsBeingDeleted => DeletionTimestamp.Length > 0;

    public IReadOnlyDictionary<string, string> Labels => TextMap(Metadata["labels"]);
    public IReadOnlyDictionary<string, string> Annotations => TextMap(Metadata["annotations"]);

    public JsonObject? Spec => Root["spec"] as JsonObject;
    public JsonObject? Status => Root["status"] as JsonObject;

    /// <summary>The group of <see cref="ApiVersion"/>; empty for the core group.</summary>
    public string Group => ApiVersion.IndexOf('/') is var slash and >= 0 ? ApiVersion[..slash] : "";

    /// <summary>The version of <see cref="ApiVersion"/>, without its group.</summary>
    public string Version => ApiVersion[(ApiVersion.IndexOf('/') + 1)..];

    public KubeObject DeepClone() => new((JsonObject)Root.DeepClone());

    public string ToJson() => Root.ToJsonString(JsonText.Relaxed);

    /// <summary>Parses one JSON object; throws <see cref="JsonException"/> when the bytes are not one.</summary>
    public static KubeObject Parse(ReadOnlySpan<byte> utf8) => JsonReader.Read(utf8, out _);

    public override string ToString() =>
        Namespace.Length > 0 ? $"{Kind} {Namespace}/{Name}" : $"{Kind} {Name}";

    private static string Text(JsonObject node, string field) =>
        node[field] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    [SuppressMessage("Performance", "CA1859", Justification = "callers see a map, not its type")]
    private static IReadOnlyDictionary<string, string> TextMap(JsonNode? node)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (node is not JsonObject fields)
            return map;
        foreach (var (key, value) in fields)
        {
            if (value is JsonValue scalar && scalar.TryGetValue(out string? text))
                map[key] = text;
        }
        return map;
    }

    private static JsonObject Child(JsonObject parent, string field)
    {
        if (parent[field] is JsonObject child)
            return child;
        var made = new JsonObject();
        parent[field] = made;
        return made;
    }
}
