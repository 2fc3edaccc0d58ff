using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Serving;

/// <summary>
/// Reads a JSON document into a tree and notes each key that occurs twice (the last one wins, as in Go; strict decoding reports them).
/// </summary>
internal static class JsonBody
{
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, out List<string> duplicates)
    {
        duplicates = [];
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
        try
        {
            reader.Read();
            var node = ReadValue(ref reader, "", duplicates);
            // Anything but the end is a fault, which the reader names.
            reader.Read();
            return node;
        }
        catch (JsonException fault)
        {
            throw Refusal.BadRequest($"the object provided is unrecognized (must be of type JSON): {fault.Message}");
        }
        catch (InvalidOperationException)
        {
            throw Refusal.BadRequest("the body is not valid UTF-8 JSON");
        }
    }

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, path, duplicates);
            case JsonTokenType.StartArray:
                var array = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    array.Add(ReadValue(ref reader, $"{path}[{array.Count}]", duplicates));
                return array;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.Number:
                if (reader.TryGetInt64(out var number))
                    return JsonValue.Create(number);
                var value = reader.GetDouble();
                return double.IsFinite(value)
                    ? JsonValue.Create(value)
                    : throw Refusal.BadRequest($"the number at {path} is out of range");
            case JsonTokenType.True:
                return JsonValue.Create(true);
            case JsonTokenType.False:
                return JsonValue.Create(false);
            default:
                return null;
        }
    }

    private static JsonObject ReadObject(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        var made = new JsonObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            reader.Read();
            var value = ReadValue(ref reader, inner, duplicates);
            if (made.ContainsKey(name))
                duplicates.Add(inner);
            made[name] = value;
        }
        return made;
    }

    public static byte[] ToBytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString(JsonText.Relaxed));
}
