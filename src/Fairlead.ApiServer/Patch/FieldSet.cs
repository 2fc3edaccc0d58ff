using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fairlead.ApiServer.Patch;

/// <summary>
/// A set of fields as <c>fieldsV1</c> writes it: <c>f:NAME</c> a field, <c>k:{…}</c> the item of a list with these keys, <c>v:VALUE</c> the item of a set;
/// a node is itself in the set when it is a leaf or holds <c>.</c>. Source: structured-merge-diff's serialization, as the Kubernetes API documents it.
/// </summary>
internal sealed class FieldSet
{
    private readonly SortedDictionary<string, FieldSet> children = new(StringComparer.Ordinal);

    public bool IsMember { get; set; }

    public bool IsEmpty => !IsMember && children.Values.All(child => child.IsEmpty);

    public static FieldSet Parse(JsonObject? fields)
    {
        var set = new FieldSet();
        foreach (var (key, value) in fields ?? [])
        {
            if (key == ".")
                set.IsMember = true;
            else
                set.children[key] = value is JsonObject { Count: > 0 } inner ? Parse(inner) : new FieldSet { IsMember = true };
        }
        return set;
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (IsMember && children.Count > 0)
            json["."] = new JsonObject();
        foreach (var (key, child) in children)
        {
            if (!child.IsEmpty)
                json[key] = child.ToJson();
        }
        return json;
    }

    /// <summary>The node below; made where it is not there.</summary>
    public FieldSet At(string key)
    {
        if (!children.TryGetValue(key, out var child))
            children[key] = child = new FieldSet();
        return child;
    }

    public bool Contains(IEnumerable<string> path) => Find(path)?.IsMember == true;

    /// <summary>Whether anything at or below the path is in the set.</summary>
    public bool Touches(IEnumerable<string> path) => Find(path)?.IsEmpty == false;

    public void Add(FieldSet other)
    {
        IsMember |= other.IsMember;
        foreach (var (key, child) in other.children)
            At(key).Add(child);
    }

    public void Remove(FieldSet other)
    {
        IsMember &= !other.IsMember;
        foreach (var (key, child) in other.children)
        {
            if (children.TryGetValue(key, out var own))
                own.Remove(child);
        }
        foreach (var key in children.Where(pair => pair.Value.IsEmpty).Select(pair => pair.Key).ToArray())
            children.Remove(key);
    }

    /// <summary>Every path in the set, parents before what is below them.</summary>
    public IEnumerable<string[]> Members() => Members([]);

    private IEnumerable<string[]> Members(string[] path)
    {
        if (IsMember)
            yield return path;
        foreach (var (key, child) in children)
        {
            foreach (var inner in child.Members([.. path, key]))
                yield return inner;
        }
    }

    private FieldSet? Find(IEnumerable<string> path)
    {
        var node = this;
        foreach (var key in path)
        {
            if (!node.children.TryGetValue(key, out node))
                return null;
        }
        return node;
    }

    public FieldSet Clone()
    {
        var copy = new FieldSet();
        copy.Add(this);
        return copy;
    }

    /// <summary>A path as conflicts name it: <c>.spec.containers[name="c"].image</c>.</summary>
    public static string Show(IEnumerable<string> path)
    {
        var text = new StringBuilder();
        foreach (var key in path)
        {
            if (key.StartsWith("f:", StringComparison.Ordinal))
                text.Append('.').Append(key.AsSpan(2));
            else if (key.StartsWith("v:", StringComparison.Ordinal))
                text.Append("[=").Append(key.AsSpan(2)).Append(']');
            else
                text.Append('[').AppendJoin(',', JsonNode.Parse(key[2..])!.AsObject().Select(pair => $"{pair.Key}={pair.Value?.ToJsonString() ?? "null"}")).Append(']');
        }
        return text.ToString();
    }

    /// <summary>The <c>k:</c> step of a list item; a protocol that is not given is TCP, the one default that Kubernetes' list keys have.</summary>
    public static string KeyOf(JsonObject item, IEnumerable<string> keys)
    {
        var chosen = new JsonObject();
        foreach (var key in keys.Order(StringComparer.Ordinal))
        {
            if (item[key] is { } value)
                chosen[key] = value.DeepClone();
            else if (key == "protocol")
                chosen[key] = "TCP";
        }
        return "k:" + chosen.ToJsonString();
    }

    public static string ValueOf(JsonNode? item) => "v:" + (item?.ToJsonString(JsonSerializerOptions.Web) ?? "null");
}
