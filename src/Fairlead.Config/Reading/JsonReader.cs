using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.Config.Reading;

/// <summary>
/// Reads the JSON body of a request into a tree, as Go's reader does: of a repeated key the last value stays. The paths of
/// repeated keys are kept, because strict field validation reports them.
/// </summary>
public static class JsonReader
{
    /// <summary>Throws <see cref="JsonException"/> when the bytes are not one JSON object, or are nested deeper than <see cref="JsonText.MaxDepth"/>.</summary>
    public static KubeObject Read(ReadOnlySpan<byte> utf8, out IReadOnlyList<string> duplicates)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
        var repeated = new List<string>();
        duplicates = repeated;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("an API object must be a JSON object");
        var root = (JsonObject)Value(ref reader, "", repeated)!;
        if (reader.Read())
            throw new JsonException("more follows the JSON object");
        return new KubeObject(root);
    }

    private static JsonNode? Value(ref Utf8JsonReader reader, string path, List<string> repeated) => reader.TokenType switch
    {
        JsonTokenType.StartObject => Fields(ref reader, path, repeated),
        JsonTokenType.StartArray => Items(ref reader, path, repeated),
        JsonTokenType.String => JsonValue.Create(Text(ref reader)),
        JsonTokenType.True => JsonValue.Create(true),
        JsonTokenType.False => JsonValue.Create(false),
        JsonTokenType.Number => Number(ref reader),
        _ => null,
    };

    private static JsonObject Fields(ref Utf8JsonReader reader, string path, List<string> repeated)
    {
        var fields = new JsonObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text(ref reader);
            var inner = FieldPath.Join(path, name);
            if (fields.ContainsKey(name))
                repeated.Add(inner);
            reader.Read();
            fields[name] = Value(ref reader, inner, repeated);
        }
        return fields;
    }

    private static JsonArray Items(ref Utf8JsonReader reader, string path, List<string> repeated)
    {
        var items = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(Value(ref reader, FieldPath.Join(path, items.Count), repeated));
        return items;
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException fault)
        {
            throw new JsonException("a text holds invalid UTF-8 or half of a surrogate pair", fault);
        }
    }

    private static JsonValue Number(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var whole))
            return JsonValue.Create(whole);
        if (reader.TryGetUInt64(out var large))
            return JsonValue.Create(large);
        var real = reader.GetDouble();
        return double.IsFinite(real) ? JsonValue.Create(real) : throw new JsonException("a number is out of range");
    }
}
