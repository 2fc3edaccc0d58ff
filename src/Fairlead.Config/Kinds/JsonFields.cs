using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>
/// Lenient readers of JSON fields: what has the wanted type is returned, anything else counts as absent. Strictness is
/// the schema's and the validator's; whoever acts on config never fails on it.
/// </summary>
public static class JsonFields
{
    public static string Text(this JsonObject? node, string field) => TextOf(node?[field]) ?? "";

    public static string? OptionalText(this JsonObject? node, string field) => TextOf(node?[field]);

    public static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static bool Flag(this JsonObject? node, string field) => node.OptionalFlag(field) ?? false;

    public static bool? OptionalFlag(this JsonObject? node, string field) =>
        node?[field] is JsonValue value && value.TryGetValue(out bool flag) ? flag : null;

    public static long Integer(this JsonObject? node, string field) => node.OptionalInteger(field) ?? 0;

    public static long? OptionalInteger(this JsonObject? node, string field) => IntegerOf(node?[field]);

    /// <summary>As <see cref="Integer"/>, clamped to 32 bits: ports, counts.</summary>
    public static int Int(this JsonObject? node, string field) => (int)Math.Clamp(node.Integer(field), int.MinValue, int.MaxValue);

    public static int? OptionalInt(this JsonObject? node, string field) =>
        node.OptionalInteger(field) is { } number ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : null;

    public static double? OptionalNumber(this JsonObject? node, string field) => NumberOf(node?[field]);

    /// <summary>Whole numbers, also proto-JSON's quoted form of 64-bit ones.</summary>
    public static long? IntegerOf(JsonNode? node)
    {
        if (node is not JsonValue value)
            return null;
        if (value.TryGetValue(out long number))
            return number;
        if (value.TryGetValue(out int small))
            return small;
        if (value.TryGetValue(out string? text))
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var quoted) ? quoted : null;
        return NumberOf(node) is { } real && Math.Abs(real) < 9e15 && Math.Floor(real) == real ? (long)real : null;
    }

    public static double? NumberOf(JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
            return null;
        if (value.TryGetValue(out double real))
            return real;
        return double.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
    }

    public static TimeSpan? OptionalDuration(this JsonObject? node, string field) =>
        node.OptionalText(field) is { } text && Duration.TryParse(text, out var duration) ? duration : null;

    public static DateTimeOffset? OptionalTime(this JsonObject? node, string field) =>
        DateTimeOffset.TryParse(node.Text(field), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    /// <summary>A proto-JSON enum: by one of <paramref name="names"/> (index = number) or by number; 0 for anything else.</summary>
    public static int Enumerated(this JsonObject? node, string field, params ReadOnlySpan<string> names)
    {
        if (TextOf(node?[field]) is { } name)
            return Math.Max(0, names.IndexOf(name));
        return IntegerOf(node?[field]) is { } number && number >= 0 && number < names.Length ? (int)number : 0;
    }

    public static JsonObject? Object(this JsonObject? node, string field) => node?[field] as JsonObject;

    /// <summary>The object at <paramref name="field"/> read by <paramref name="read"/>; null when there is none.</summary>
    public static T? Optional<T>(this JsonObject? node, string field, Func<JsonObject, T> read) where T : class =>
        node?[field] is JsonObject child ? read(child) : null;

    /// <summary>The objects of an array; other items are passed over.</summary>
    public static ValueList<T> List<T>(this JsonObject? node, string field, Func<JsonObject, T> read)
    {
        if (node?[field] is not JsonArray array || array.Count == 0)
            return ValueList<T>.Empty;
        var items = new List<T>(array.Count);
        foreach (var item in array)
        {
            if (item is JsonObject child)
                items.Add(read(child));
        }
        return items.ToValueList();
    }

    public static ValueList<string> TextList(this JsonObject? node, string field) => node.Scalars(field, TextOf);

    public static ValueList<HostName> HostList(this JsonObject? node, string field) =>
        node.Scalars(field, item => TextOf(item) is { } text ? new HostName(text) : (HostName?)null);

    public static ValueList<int> IntList(this JsonObject? node, string field) =>
        node.Scalars(field, item => IntegerOf(item) is { } number ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : (int?)null);

    public static ValueMap<string> TextMap(this JsonObject? node, string field) => node.Map(field, TextOf);

    public static ValueMap<int> IntMap(this JsonObject? node, string field)
    {
        if (node?[field] is not JsonObject child)
            return ValueMap<int>.Empty;
        return child.Where(entry => IntegerOf(entry.Value) is not null)
            .Select(entry => KeyValuePair.Create(entry.Key, (int)Math.Clamp(IntegerOf(entry.Value)!.Value, int.MinValue, int.MaxValue)))
            .ToValueMap();
    }

    public static ValueMap<T> ObjectMap<T>(this JsonObject? node, string field, Func<JsonObject, T> read) where T : class =>
        node.Map(field, item => item is JsonObject child ? read(child) : null);

    private static ValueMap<T> Map<T>(this JsonObject? node, string field, Func<JsonNode?, T?> read) where T : class
    {
        if (node?[field] is not JsonObject child || child.Count == 0)
            return ValueMap<T>.Empty;
        var entries = new List<KeyValuePair<string, T>>(child.Count);
        foreach (var (key, value) in child)
        {
            if (read(value) is { } item)
                entries.Add(new(key, item));
        }
        return entries.ToValueMap();
    }

    private static ValueList<T> Scalars<T>(this JsonObject? node, string field, Func<JsonNode?, T?> read) where T : class
    {
        if (node?[field] is not JsonArray array)
            return ValueList<T>.Empty;
        return array.Select(read).OfType<T>().ToValueList();
    }

    private static ValueList<T> Scalars<T>(this JsonObject? node, string field, Func<JsonNode?, T?> read) where T : struct
    {
        if (node?[field] is not JsonArray array)
            return ValueList<T>.Empty;
        return array.Select(read).OfType<T>().ToValueList();
    }
}
