using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fairlead.Golden;

/// <summary>A JSON tree as block YAML, the same bytes every time: field order as given, texts quoted as JSON where YAML would read something else.</summary>
internal static class YamlText
{
    public static string Print(JsonNode node)
    {
        var text = new StringBuilder();
        Write(text, node, 0, continued: false);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node, int depth, bool continued)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } fields:
                WriteFields(text, fields, depth, continued);
                break;
            case JsonArray { Count: > 0 } items:
                foreach (var item in items)
                {
                    text.Append(' ', depth * 2).Append("- ");
                    if (item is JsonObject { Count: > 0 } child)
                        WriteFields(text, child, depth + 1, continued: true);
                    else
                        text.Append(Scalar(item)).Append('\n');
                }

                break;
            default:
                text.Append(Scalar(node)).Append('\n');
                break;
        }
    }

    private static void WriteFields(StringBuilder text, JsonObject fields, int depth, bool continued)
    {
        foreach (var (key, value) in fields)
        {
            if (!continued)
                text.Append(' ', depth * 2);
            continued = false;
            text.Append(Scalar(JsonValue.Create(key))).Append(':');
            if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
            {
                text.Append('\n');
                Write(text, value, value is JsonArray ? depth : depth + 1, continued: false);
            }
            else
            {
                text.Append(' ').Append(Scalar(value)).Append('\n');
            }
        }
    }

    public static string Scalar(JsonNode? node)
    {
        if (node is JsonObject)
            return "{}";
        if (node is JsonArray)
            return "[]";
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.String)
            return node?.ToJsonString() ?? "null";
        var text = value.GetValue<string>();
        var plain = text.Length > 0
            && char.IsAsciiLetter(text[0])
            && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "_-./| ".Contains(letter))
            && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n")
            && !text.EndsWith(' ');
        return plain ? text : value.ToJsonString(Fairlead.Config.Kinds.JsonText.Relaxed);
    }
}
