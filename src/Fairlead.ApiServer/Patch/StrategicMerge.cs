using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Schemas;
using Fairlead.ApiServer.Serving;

namespace Fairlead.ApiServer.Patch;

/// <summary>
/// Strategic merge patch: a merge patch that knows the kind's lists. Directives: <c>$patch: replace|delete|merge</c>,
/// <c>$deleteFromPrimitiveList/F</c>, <c>$setElementOrder/F</c>, <c>$retainKeys</c>.
/// Source: Kubernetes community, devel/sig-api-machinery/strategic-merge-patch.md.
/// </summary>
internal static class StrategicMerge
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";
    private const string OrderPrefix = "$setElementOrder/";

    public static JsonObject Apply(JsonObject target, JsonObject patch, MessageSchema schema) => MergeObject(target, patch, schema);

    private static JsonObject MergeObject(JsonObject target, JsonObject patch, MessageSchema? schema)
    {
        switch (patch.TextAt(Directive))
        {
            case "replace":
                return Cleaned(patch);
            case "delete":
                return [];
            case "" or "merge":
                break;
            case var unknown:
                throw Refusal.BadRequest($"Unknown patch type found: {unknown}");
        }
        if (patch[RetainKeys] is JsonArray retained)
        {
            var names = retained.Select(name => name?.ToString()).ToHashSet();
            foreach (var name in target.Select(field => field.Key).ToArray())
            {
                if (!names.Contains(name))
                    target.Remove(name);
            }
        }
        foreach (var (name, value) in patch)
        {
            if (name is Directive or RetainKeys || name.StartsWith(OrderPrefix, StringComparison.Ordinal))
                continue;
            if (name.StartsWith(DeletePrefix, StringComparison.Ordinal))
                DeleteScalars(target, name[DeletePrefix.Length..], value);
            else
                MergeField(target, name, value, schema?.Find(name), patch[OrderPrefix + name] as JsonArray);
        }
        // An order may stand alone, when elements only changed places.
        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(OrderPrefix, StringComparison.Ordinal) && value is JsonArray order && !patch.ContainsKey(name[OrderPrefix.Length..])
                && target[name[OrderPrefix.Length..]] is JsonArray list)
                target[name[OrderPrefix.Length..]] = Ordered(list, order, [], schema?.Find(name[OrderPrefix.Length..])?.MergeKey ?? "");
        }
        return target;
    }

    private static void MergeField(JsonObject target, string name, JsonNode? value, FieldSchema? field, JsonArray? order)
    {
        if (value is null)
        {
            target.Remove(name);
            return;
        }
        var had = target[name];
        target.Remove(name);
        target[name] = value switch
        {
            JsonObject fields => MergeObject(had as JsonObject ?? [], fields, field?.Cardinality == Cardinality.One ? field.Message : null),
            JsonArray items when field is { Merges: true, MergeKey.Length: > 0 } => MergeByKey(had as JsonArray ?? [], items, field, order),
            JsonArray items when field is { Merges: true } => MergeScalars(had as JsonArray ?? [], items, order),
            JsonArray items => CleanedList(items),
            _ => value.DeepClone(),
        };
    }

    private static JsonArray MergeByKey(JsonArray target, JsonArray patch, FieldSchema field, JsonArray? order)
    {
        var key = field.MergeKey;
        // One element with only the directive replaces or empties the whole list.
        if (patch.OfType<JsonObject>().Any(item => item.TextAt(Directive) == "replace"))
            return CleanedList([.. patch.OfType<JsonObject>().Where(item => item.TextAt(Directive) != "replace" || item.Count > 1).Select(item => item.DeepClone())]);
        var result = target.Select(item => item?.DeepClone()).ToList();
        foreach (var item in patch.OfType<JsonObject>())
        {
            if (item[key] is not { } wanted)
                throw Refusal.BadRequest($"map: {item.ToJsonString()} does not contain declared merge key: {key}");
            var at = result.FindIndex(had => had is JsonObject fields && SameKey(fields[key], wanted));
            if (item.TextAt(Directive) == "delete")
            {
                if (at >= 0)
                    result.RemoveAt(at);
            }
            else if (at >= 0)
            {
                result[at] = MergeObject((JsonObject)result[at]!, item, field.Message);
            }
            else
            {
                result.Add(Cleaned(item));
            }
        }
        var merged = new JsonArray([.. result]);
        return order is null ? merged : Ordered(merged, order, target, key);
    }

    private static bool SameKey(JsonNode? left, JsonNode right) => left is not null && left.ToString() == right.ToString();

    /// <summary>Elements of the order come as it says; the server's own keep their place before the one that followed them.</summary>
    private static JsonArray Ordered(JsonArray list, JsonArray order, JsonArray before, string key)
    {
        string KeyOf(JsonNode? item) => (key.Length == 0 ? item : (item as JsonObject)?[key])?.ToString() ?? "";
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in order)
            places.TryAdd(KeyOf(item), places.Count);
        var serverOrder = before.Count > 0 ? before : list;
        var named = list.Where(item => places.ContainsKey(KeyOf(item))).OrderBy(item => places[KeyOf(item)]).ToList();
        var others = list.Where(item => !places.ContainsKey(KeyOf(item))).ToList();
        var rank = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in serverOrder)
            rank.TryAdd(KeyOf(item), rank.Count);
        var result = new List<JsonNode?>();
        var nextOther = 0;
        foreach (var item in named)
        {
            var mine = rank.GetValueOrDefault(KeyOf(item), int.MaxValue);
            while (nextOther < others.Count && rank.GetValueOrDefault(KeyOf(others[nextOther]), int.MaxValue) < mine)
                result.Add(others[nextOther++]);
            result.Add(item);
        }
        result.AddRange(others.Skip(nextOther));
        return new JsonArray([.. result.Select(item => item?.DeepClone())]);
    }

    private static JsonArray MergeScalars(JsonArray target, JsonArray patch, JsonArray? order)
    {
        var result = new JsonArray([.. target.Select(item => item?.DeepClone())]);
        foreach (var item in patch)
        {
            if (!result.Any(had => JsonNode.DeepEquals(had, item)))
                result.Add(item?.DeepClone());
        }
        return order is null ? result : Ordered(result, order, target, "");
    }

    private static void DeleteScalars(JsonObject target, string name, JsonNode? values)
    {
        if (target[name] is not JsonArray list || values is not JsonArray removed)
            return;
        for (var i = list.Count - 1; i >= 0; i--)
        {
            if (removed.Any(value => JsonNode.DeepEquals(value, list[i])))
                list.RemoveAt(i);
        }
    }

    /// <summary>A part that is new as a whole: directives in it have nothing to act on and vanish.</summary>
    private static JsonObject Cleaned(JsonObject source)
    {
        var made = new JsonObject();
        foreach (var (name, value) in source)
        {
            if (name[0] == '$' && (name is Directive or RetainKeys || name.StartsWith(OrderPrefix, StringComparison.Ordinal) || name.StartsWith(DeletePrefix, StringComparison.Ordinal)))
                continue;
            if (value is not null)
                made[name] = CleanedNode(value);
        }
        return made;
    }

    private static JsonArray CleanedList(JsonArray source) =>
        new([.. source.Where(item => item.TextAt(Directive) != "delete").Select(item => item is null ? null : CleanedNode(item))]);

    private static JsonNode CleanedNode(JsonNode node) => node switch
    {
        JsonObject fields => Cleaned(fields),
        JsonArray items => CleanedList(items),
        _ => node.DeepClone(),
    };
}
