using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fairlead.App.CommandLine;

/// <summary>A JSON tree as kubectl prints it: JSON indented by four, or YAML in block style.</summary>
internal static class StructuredOutput
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        IndentSize = 4,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(TextWriter writer, JsonNode node, OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Json:
                writer.WriteLine(node.ToJsonString(Indented));
                break;
            case OutputFormat.Yaml:
                writer.Write(ToYaml(node));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "a table is the verb's own to print");
        }
    }

    private static string ToYaml(JsonNode node)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new YamlStream(new YamlDocument(Convert(node))).Save(text, assignAnchors: false);
        // The stream ends the document explicitly; kubectl does not.
        var yaml = text.ToString();
        return yaml.EndsWith("...\n", StringComparison.Ordinal) ? yaml[..^4] : yaml;
    }

    private static YamlNode Convert(JsonNode? node) => node switch
    {
        null => new YamlScalarNode("null"),
        JsonObject map => new YamlMappingNode(map.Select(p => KeyValuePair.Create<YamlNode, YamlNode>(new YamlScalarNode(p.Key), Convert(p.Value)))),
        JsonArray list => new YamlSequenceNode(list.Select(Convert)),
        _ when node.GetValueKind() == JsonValueKind.String => Text(node.GetValue<string>()),
        _ => new YamlScalarNode(node.ToJsonString()),
    };

    // A string that YAML would read as something else keeps its quotes.
    private static YamlScalarNode Text(string value)
    {
        var isAmbiguous = value.Length == 0 || value is "null" or "~" or "true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n"
            || double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        var style = isAmbiguous ? ScalarStyle.DoubleQuoted : value.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal : ScalarStyle.Any;
        return new YamlScalarNode(value) { Style = style };
    }
}
