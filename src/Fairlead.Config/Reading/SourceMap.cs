using System.Text.Json.Nodes;

namespace Fairlead.Config.Reading;

/// <summary>Where each node of a document's tree was written: its value and, for a field, its key.</summary>
public sealed class SourceMap(string path)
{
    private readonly Dictionary<JsonNode, (int Line, int Column)> nodes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<JsonNode, (int Line, int Column)> keys = new(ReferenceEqualityComparer.Instance);

    public string Path { get; } = path;

    internal void Add(JsonNode node, int line, int column) => nodes[node] = (line, column);

    internal void AddKey(JsonNode value, int line, int column) => keys[value] = (line, column);

    /// <summary>
    /// The place of a field path (<c>spec.ports[0].number</c>, keys with dots as <c>labels["a.b/c"]</c>), or of its nearest
    /// parent that was written. Fields are placed at their key.
    /// </summary>
    public SourcePosition Find(JsonObject root, string fieldPath)
    {
        JsonNode? node = root;
        var found = Position(root) ?? (1, 1);
        foreach (var step in FieldPath.Steps(fieldPath))
        {
            node = step.Index is { } index
                ? node is JsonArray array && index < array.Count ? array[index] : null
                : node is JsonObject fields ? fields[step.Name] : null;
            if (node is null)
                break;
            found = (keys.TryGetValue(node, out var key) ? key : Position(node)) ?? found;
        }
        return new SourcePosition(Path, found.Line, found.Column);
    }

    private (int Line, int Column)? Position(JsonNode node) => nodes.TryGetValue(node, out var place) ? place : null;
}
