using Fairlead.Xds.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fairlead.Proxy.Bootstrap;

/// <summary>YAML or JSON text to <see cref="ConfigNode"/>, over the parser's events: no reflection, positions kept.</summary>
internal static class YamlText
{
    /// <summary>Nested containers.</summary>
    private const int MaxDepth = JsonText.MaxDepth;

    /// <summary>Nodes that aliases may repeat; beyond it a document is a "billion laughs".</summary>
    private const int MaxNodes = 1_000_000;

    /// <exception cref="FormatException">Neither YAML nor JSON; the text says where.</exception>
    public static ConfigNode Parse(string text)
    {
        if (IsJson(text)) return JsonText.Parse(System.Text.Encoding.UTF8.GetBytes(text));
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _)) throw new FormatException("the document is empty");
            parser.Consume<DocumentStart>();
            return new Builder(parser).Read(0);
        }
        catch (YamlException e)
        {
            throw new FormatException($"line {e.Start.Line}: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // The library's scanner gives up this way on a stray carriage return.
            throw new FormatException("neither YAML nor JSON: a control character stands where none may", e);
        }
    }

    /// <summary>An object whose first key is quoted; YAML's flow style with bare keys begins with '{' too.</summary>
    private static bool IsJson(string text)
    {
        var start = text.AsSpan().TrimStart();
        if (start.Length == 0 || start[0] != '{') return false;
        start = start[1..].TrimStart();
        return start.Length > 0 && start[0] is ('"' or '}');
    }

    private sealed class Builder(IParser parser)
    {
        private readonly Dictionary<string, ConfigNode> _anchors = new(StringComparer.Ordinal);
        private int _nodes;

        public ConfigNode Read(int depth)
        {
            if (depth > MaxDepth) throw new FormatException($"line {parser.Current?.Start.Line}: nested deeper than {MaxDepth}");
            if (++_nodes > MaxNodes) throw new FormatException($"more than {MaxNodes} values");
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                return _anchors.TryGetValue(alias.Value.Value, out var known)
                    ? known
                    : throw new FormatException($"line {alias.Start.Line}: the anchor '{alias.Value.Value}' is not defined before");
            }
            var line = (int)(parser.Current?.Start.Line ?? 0);
            if (parser.TryConsume<Scalar>(out var scalar)) return Keep(scalar.Anchor, Typed(scalar, line));
            if (parser.TryConsume<SequenceStart>(out var sequence))
            {
                var list = new ConfigNode.List { Line = line };
                while (!parser.TryConsume<SequenceEnd>(out _)) list.Items.Add(Read(depth + 1));
                return Keep(sequence.Anchor, list);
            }
            var start = parser.Consume<MappingStart>();
            var map = new ConfigNode.Map { Line = line };
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = parser.Consume<Scalar>();
                if (!seen.Add(key.Value)) throw new FormatException($"line {key.Start.Line}: '{key.Value}' occurs twice");
                map.Entries.Add(new(key.Value, Read(depth + 1)));
            }
            return Keep(start.Anchor, map);
        }

        private static ConfigNode.Scalar Typed(Scalar scalar, int line)
        {
            var text = scalar.Value;
            if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any)) return new ConfigNode.Scalar(text, ConfigNode.ScalarKind.String) { Line = line };
            // YAML 1.2's core schema.
            return text switch
            {
                "" or "~" or "null" or "Null" or "NULL" => new ConfigNode.Scalar("null", ConfigNode.ScalarKind.Null) { Line = line },
                "true" or "True" or "TRUE" => new ConfigNode.Scalar("true", ConfigNode.ScalarKind.Boolean) { Line = line },
                "false" or "False" or "FALSE" => new ConfigNode.Scalar("false", ConfigNode.ScalarKind.Boolean) { Line = line },
                _ when IsNumber(text) => new ConfigNode.Scalar(text, ConfigNode.ScalarKind.Number) { Line = line },
                _ => new ConfigNode.Scalar(text, ConfigNode.ScalarKind.String) { Line = line },
            };
        }

        private static bool IsNumber(string text) =>
            (char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.')
            && double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _);

        private ConfigNode Keep(AnchorName anchor, ConfigNode node)
        {
            if (!anchor.IsEmpty) _anchors[anchor.Value] = node;
            return node;
        }
    }
}
