using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fairlead.ApiServer.Serving;

/// <summary>
/// YAML bodies (server-side apply; most hold JSON text). One document, no anchors: a body comes from a program, and an alias
/// is how a small body becomes a large object.
/// </summary>
internal static class YamlBody
{
    public static BodyReader.Document Parse(byte[] bytes)
    {
        // JSON is what kubectl sends under this type; its own reader is stricter and faster.
        if (bytes.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..])
            return new BodyReader.Document(JsonBody.Parse(bytes, out var duplicates), duplicates);
        try
        {
            var parser = new Parser(new StringReader(Encoding.UTF8.GetString(bytes)));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                return new BodyReader.Document(null, []);
            parser.Consume<DocumentStart>();
            var twice = new List<string>();
            var node = Read(parser, "", twice, 0);
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _))
                throw Refusal.BadRequest("the body holds more than one YAML document");
            return new BodyReader.Document(node, twice);
        }
        catch (YamlException fault)
        {
            throw Refusal.BadRequest($"error decoding YAML: {fault.Message}");
        }
    }

    private static JsonNode? Read(Parser parser, string path, List<string> duplicates, int depth)
    {
        if (depth > JsonText.MaxDepth)
            throw Refusal.BadRequest($"the YAML nests deeper than {JsonText.MaxDepth} levels");
        if (parser.TryConsume<Scalar>(out var scalar))
            return Plain(scalar);
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var list = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
                list.Add(Read(parser, $"{path}[{list.Count}]", duplicates, depth + 1));
            return list;
        }
        if (!parser.TryConsume<MappingStart>(out _))
            throw Refusal.BadRequest("YAML anchors and aliases are not taken in request bodies");
        var fields = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>().Value;
            var inner = path.Length == 0 ? key : $"{path}.{key}";
            var value = Read(parser, inner, duplicates, depth + 1);
            if (fields.ContainsKey(key))
                duplicates.Add(inner);
            fields[key] = value;
        }
        return fields;
    }

    private static JsonNode? Plain(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain)
            return JsonValue.Create(text);
        if (text is "" or "~" or "null" or "Null" or "NULL")
            return null;
        if (text is "true" or "True" or "TRUE")
            return JsonValue.Create(true);
        if (text is "false" or "False" or "FALSE")
            return JsonValue.Create(false);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return JsonValue.Create(whole);
        if ((char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.') && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real))
            return JsonValue.Create(real);
        return JsonValue.Create(text);
    }
}
