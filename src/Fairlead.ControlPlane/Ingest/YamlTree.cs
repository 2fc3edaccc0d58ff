using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fairlead.ControlPlane.Ingest;

/// <summary>A YAML (or JSON) text inside an object - MeshConfig in its ConfigMap, ProxyConfig in an annotation - as a JSON tree.</summary>
public static class YamlTree
{
    /// <summary>Nesting that is read at the most; MeshConfig stays below 12.</summary>
    private const int MaxDepth = 64;

    /// <exception cref="InvalidDataException">The text is no YAML mapping; the message says where.</exception>
    public static JsonObject Read(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException fault)
        {
            throw new InvalidDataException($"line {fault.Start.Line}, column {fault.Start.Column}: {fault.Message}", fault);
        }
        if (stream.Documents.Count == 0)
            return [];
        return Convert(stream.Documents[0].RootNode, 0) switch
        {
            JsonObject root => root,
            null => [],
            _ => throw new InvalidDataException("the text is no mapping of fields"),
        };
    }

    private static JsonNode? Convert(YamlNode node, int depth)
    {
        if (depth > MaxDepth)
            throw new InvalidDataException($"line {node.Start.Line}: nested deeper than {MaxDepth}");
        switch (node)
        {
            case YamlMappingNode mapping:
                var fields = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                    fields[(key as YamlScalarNode)?.Value ?? throw new InvalidDataException($"line {key.Start.Line}: a key must be a text")] = Convert(value, depth + 1);
                return fields;
            case YamlSequenceNode sequence:
                return new JsonArray([.. sequence.Children.Select(child => Convert(child, depth + 1))]);
            case YamlScalarNode scalar:
                return Scalar(scalar);
            default:
                throw new InvalidDataException($"line {node.Start.Line}: aliases are not supported");
        }
    }

    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain)
            return JsonValue.Create(text);
        return text switch
        {
            "" or "~" or "null" => null,
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
            _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) => JsonValue.Create(real),
            _ => JsonValue.Create(text),
        };
    }
}
