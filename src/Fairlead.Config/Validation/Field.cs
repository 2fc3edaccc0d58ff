using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;

namespace Fairlead.Config.Validation;

/// <summary>A place in an object: its node, which may be absent or of any type, and its path. Reading never fails.</summary>
internal readonly record struct Field(JsonNode? Node, string Path)
{
    public bool IsSet => Node is not null;

    public bool IsObject => Node is JsonObject;

    public Field this[string name] => new((Node as JsonObject)?[name], FieldPath.Join(Path, name));

    /// <summary>The text; empty when absent or of another type.</summary>
    public string Text => JsonFields.TextOf(Node) ?? "";

    public long? Integer => JsonFields.IntegerOf(Node);

    public double? Number => JsonFields.NumberOf(Node);

    public bool IsTrue => Node is JsonValue value && value.TryGetValue(out bool flag) && flag;

    public int Count => Node switch
    {
        JsonArray array => array.Count,
        JsonObject fields => fields.Count,
        _ => 0,
    };

    /// <summary>Items of a list, null ones included.</summary>
    public IEnumerable<Field> Items
    {
        get
        {
            if (Node is not JsonArray array)
                yield break;
            for (var i = 0; i < array.Count; i++)
                yield return new Field(array[i], FieldPath.Join(Path, i));
        }
    }

    /// <summary>Entries of a map.</summary>
    public IEnumerable<(string Key, Field Value)> Entries
    {
        get
        {
            if (Node is not JsonObject fields)
                yield break;
            foreach (var (key, value) in fields)
                yield return (key, new Field(value, FieldPath.Join(Path, key)));
        }
    }

    public TimeSpan? Duration => Fairlead.Config.Primitives.Duration.TryParse(Text, out var duration) ? duration : null;

    /// <summary>A field of this object without the check that it is there, for paths of what is missing.</summary>
    public static Field Of(KubeObject target, string name) => new(target.Root[name], name);
}
