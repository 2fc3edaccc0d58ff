using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fairlead.Config.Reading;

/// <summary>Makes the tree of one document out of the parser's events, and remembers where each node stood.</summary>
internal sealed class YamlTreeBuilder(Parser parser, SourceMap map, ReadLimits limits)
{
    private readonly Dictionary<AnchorName, JsonNode?> anchors = [];
    private readonly List<DuplicateKey> duplicates = [];
    private readonly List<string> path = [];
    private int nodes;

    public IReadOnlyList<DuplicateKey> Duplicates => duplicates;

    /// <summary>A key that appears twice in one mapping.</summary>
    public sealed record DuplicateKey(string FieldPath, int Line, int Column);

    /// <summary>Builds from the current event on; the parser is left on the document's last event.</summary>
    public JsonNode? Build() => Node(0);

    private JsonNode? Node(int depth)
    {
        var current = parser.Current!;
        Count(1);
        if (depth > limits.MaxDepth)
            throw Refuse($"nested deeper than {limits.MaxDepth} levels");
        switch (current)
        {
            case Scalar scalar:
                return Anchored(scalar, Placed(ScalarNode(scalar), scalar));
            case AnchorAlias alias:
                return Copy(alias);
            case SequenceStart sequence:
                return Sequence(sequence, depth);
            case MappingStart mapping:
                return Mapping(mapping, depth);
            default:
                throw Refuse("unexpected YAML content");
        }
    }

    private JsonArray Sequence(SequenceStart start, int depth)
    {
        var array = new JsonArray();
        Placed(array, start);
        while (Advance() is not SequenceEnd)
        {
            path.Add($"[{array.Count}]");
            array.Add(Node(depth + 1));
            path.RemoveAt(path.Count - 1);
        }
        Anchored(start, array);
        return array;
    }

    private JsonObject Mapping(MappingStart start, int depth)
    {
        var fields = new JsonObject();
        Placed(fields, start);
        var merges = new List<JsonNode?>();
        while (Advance() is not MappingEnd)
        {
            if (parser.Current is not Scalar key)
                throw Refuse("a key must be text, not a list or mapping");
            Check(key);
            var name = key.Value;
            var isMerge = name == "<<" && key.Style == ScalarStyle.Plain;
            Advance();
            path.Add(name);
            var value = Node(depth + 1);
            if (isMerge)
                merges.Add(value);
            else if (!fields.ContainsKey(name))
                fields.Add(name, value);
            else
                Replace(fields, name, value, key);
            if (value is not null)
                map.AddKey(value, (int)key.Start.Line, (int)key.Start.Column);
            path.RemoveAt(path.Count - 1);
        }
        foreach (var merge in merges)
            Merge(fields, merge);
        Anchored(start, fields);
        return fields;
    }

    private void Replace(JsonObject fields, string name, JsonNode? value, Scalar key)
    {
        fields[name] = value;
        duplicates.Add(new(PathText(), (int)key.Start.Line, (int)key.Start.Column));
    }

    private string PathText()
    {
        var text = "";
        foreach (var step in path)
            text = step.StartsWith('[') ? text + step : Reading.FieldPath.Join(text, step);
        return text;
    }

    private void Merge(JsonObject fields, JsonNode? merged)
    {
        if (merged is JsonArray several)
        {
            foreach (var item in several)
                Merge(fields, item);
            return;
        }
        if (merged is not JsonObject source)
            throw Refuse("the value of a merge key '<<' must be a mapping");
        foreach (var (name, value) in source)
        {
            if (fields.ContainsKey(name))
                continue;
            Count(Size(value, limits.MaxNodes));
            fields.Add(name, value?.DeepClone());
        }
    }

    private JsonNode? Copy(AnchorAlias alias)
    {
        if (!anchors.TryGetValue(alias.Value, out var target))
            throw Refuse($"alias *{alias.Value} names no anchor before it");
        Count(Size(target, limits.MaxNodes));
        var copy = target?.DeepClone();
        if (copy is not null)
            map.Add(copy, (int)alias.Start.Line, (int)alias.Start.Column);
        return copy;
    }

    // Counting before cloning keeps a bomb from being built: the count stops at the limit.
    private static int Size(JsonNode? node, int limit)
    {
        var pending = new Stack<JsonNode?>();
        pending.Push(node);
        var size = 0;
        while (pending.TryPop(out var next) && size < limit)
        {
            size++;
            if (next is JsonArray array)
            {
                foreach (var item in array)
                    pending.Push(item);
            }
            else if (next is JsonObject fields)
            {
                foreach (var (_, value) in fields)
                    pending.Push(value);
            }
        }
        return size;
    }

    private JsonNode? ScalarNode(Scalar scalar)
    {
        Check(scalar);
        return YamlScalars.Read(scalar);
    }

    private void Check(Scalar scalar)
    {
        if (scalar.Value.Length > limits.MaxScalar)
            throw Refuse($"a text of {scalar.Value.Length} characters; at most {limits.MaxScalar} are read");
    }

    private JsonNode? Placed(JsonNode? node, ParsingEvent at)
    {
        if (node is not null)
            map.Add(node, (int)at.Start.Line, (int)at.Start.Column);
        return node;
    }

    private JsonNode? Anchored(NodeEvent source, JsonNode? node)
    {
        if (!source.Anchor.IsEmpty)
            anchors[source.Anchor] = node;
        return node;
    }

    private ParsingEvent Advance()
    {
        if (!parser.MoveNext() || parser.Current is null)
            throw Refuse("the document ends too early");
        return parser.Current;
    }

    private void Count(int added)
    {
        nodes += added;
        if (nodes > limits.MaxNodes)
            throw Refuse($"more than {limits.MaxNodes} values in one document (aliases are counted as often as they are used)");
    }

    private YamlRefusedException Refuse(string message) =>
        new(message, (int)(parser.Current?.Start.Line ?? 1), (int)(parser.Current?.Start.Column ?? 1));
}
