using System.Text.Json.Nodes;
using Fairlead.ApiServer.Schemas;

namespace Fairlead.ApiServer.Patch;

/// <summary>What server-side apply does with objects of a schema: which fields they hold, merging one into another, taking fields out.</summary>
internal static class FieldTree
{
    private static readonly string[] NeverOwned =
        ["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink", "generateName"];

    /// <summary>The fields of an object, without those that identify it and without <c>status</c>, which has a writer of its own.</summary>
    public static FieldSet Of(JsonObject root, MessageSchema schema)
    {
        var set = new FieldSet();
        foreach (var (name, value) in root)
        {
            if (name is "apiVersion" or "kind" or "status" || schema.Find(name) is not { } field)
                continue;
            if (name == "metadata" && value is JsonObject metadata)
            {
                foreach (var (inner, owned) in metadata.Where(pair => !NeverOwned.Contains(pair.Key)))
                {
                    if (field.Message!.Find(inner) is { } known)
                        Value(owned, known, set.At("f:metadata").At("f:" + inner));
                }
                continue;
            }
            Value(value, field, set.At("f:" + name));
        }
        return set;
    }

    /// <summary>Puts the configuration's fields into the live object.</summary>
    public static void Merge(JsonObject live, JsonObject configuration, MessageSchema schema)
    {
        foreach (var (name, value) in configuration)
        {
            if (schema.Find(name) is { } field && Granular(live[name], value, field))
                MergeInto(live[name]!, value!, field);
            else
                live[name] = value?.DeepClone();
        }
    }

    /// <summary>The value at a path; null where there is none.</summary>
    public static JsonNode? Find(JsonNode? node, IEnumerable<string> path)
    {
        foreach (var key in path)
        {
            node = key[0] switch
            {
                'f' => (node as JsonObject)?[key[2..]],
                _ => node is JsonArray items ? items.FirstOrDefault(item => Is(item, key)) : null,
            };
        }
        return node;
    }

    /// <summary>Takes the value at a path out, and then parents that hold nothing more.</summary>
    public static void Remove(JsonNode root, string[] path)
    {
        for (var length = path.Length; length > 0; length--)
        {
            var parent = Find(root, path[..(length - 1)]);
            var key = path[length - 1];
            var value = Find(parent, [key]);
            if (length < path.Length && value is not (JsonObject { Count: 0 } or JsonArray { Count: 0 }))
                return;
            if (parent is JsonObject fields)
                fields.Remove(key[2..]);
            else if (parent is JsonArray items && value is not null)
                items.Remove(value);
        }
    }

    private static void Value(JsonNode? value, FieldSchema field, FieldSet set)
    {
        switch (field.Cardinality)
        {
            case Cardinality.One when IsGranular(field) && value is JsonObject { Count: > 0 } inner:
                Object(inner, field.Message!, set);
                break;
            case Cardinality.Map when !field.Atomic && value is JsonObject { Count: > 0 } entries:
                foreach (var (key, entry) in entries)
                {
                    if (field.Kind == FieldKind.Message && !field.Message!.Atomic && entry is JsonObject { Count: > 0 } child)
                        Object(child, field.Message, set.At("f:" + key));
                    else
                        set.At("f:" + key).IsMember = true;
                }
                break;
            case Cardinality.List when field.ListType == "map" && value is JsonArray { Count: > 0 } items:
                foreach (var item in items.OfType<JsonObject>())
                {
                    var node = set.At(FieldSet.KeyOf(item, field.MapKeys));
                    node.IsMember = true;
                    Object(item, field.Message!, node);
                }
                break;
            case Cardinality.List when field.ListType == "set" && value is JsonArray { Count: > 0 } values:
                foreach (var item in values)
                    set.At(FieldSet.ValueOf(item)).IsMember = true;
                break;
            default:
                set.IsMember = true;
                break;
        }
    }

    private static void Object(JsonObject node, MessageSchema schema, FieldSet set)
    {
        foreach (var (name, value) in node)
        {
            if (schema.Find(name) is { } field)
                Value(value, field, set.At("f:" + name));
        }
    }

    private static bool IsGranular(FieldSchema field) => field is { Kind: FieldKind.Message, Atomic: false } && !field.Message!.Atomic;

    private static bool Granular(JsonNode? live, JsonNode? value, FieldSchema field) => field.Cardinality switch
    {
        Cardinality.One => IsGranular(field) && live is JsonObject && value is JsonObject,
        Cardinality.Map => !field.Atomic && live is JsonObject && value is JsonObject,
        _ => field.ListType is "map" or "set" && live is JsonArray && value is JsonArray,
    };

    private static void MergeInto(JsonNode live, JsonNode value, FieldSchema field)
    {
        switch (field.Cardinality)
        {
            case Cardinality.One:
                Merge(live.AsObject(), value.AsObject(), field.Message!);
                break;
            case Cardinality.Map:
                foreach (var (key, entry) in value.AsObject())
                {
                    if (field.Kind == FieldKind.Message && !field.Message!.Atomic && live[key] is JsonObject known && entry is JsonObject given)
                        Merge(known, given, field.Message);
                    else
                        live[key] = entry?.DeepClone();
                }
                break;
            case Cardinality.List:
                var items = live.AsArray();
                foreach (var item in value.AsArray())
                {
                    var key = field.ListType == "map" && item is JsonObject keyed ? FieldSet.KeyOf(keyed, field.MapKeys) : FieldSet.ValueOf(item);
                    var known = items.FirstOrDefault(one => Is(one, key));
                    if (known is null)
                        items.Add(item?.DeepClone());
                    else if (known is JsonObject inner && item is JsonObject given)
                        Merge(inner, given, field.Message!);
                }
                break;
        }
    }

    private static bool Is(JsonNode? item, string key)
    {
        if (key[0] == 'v')
            return FieldSet.ValueOf(item) == key;
        return item is JsonObject candidate && FieldSet.KeyOf(candidate, JsonNode.Parse(key[2..])!.AsObject().Select(pair => pair.Key)) == key;
    }
}
