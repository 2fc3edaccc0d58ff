using System.Text;
using System.Text.Json;

namespace Fairlead.Xds.Json;

/// <summary>JSON text to <see cref="ConfigNode"/>, without reflection.</summary>
public static class JsonText
{
    /// <summary>Nested containers; a bootstrap has about 20.</summary>
    public const int MaxDepth = 100;

    /// <exception cref="FormatException">Not JSON; the text says where.</exception>
    public static ConfigNode Parse(ReadOnlySpan<byte> utf8)
    {
        var options = new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth };
        var reader = new Utf8JsonReader(utf8, options);
        var lines = new LineCounter(utf8);
        try
        {
            if (!reader.Read()) throw new FormatException("the document is empty");
            var node = Read(ref reader, ref lines);
            return reader.Read() ? throw new FormatException("there is text after the document") : node;
        }
        catch (JsonException e)
        {
            throw new FormatException($"line {e.LineNumber + 1}: {e.Message}", e);
        }
    }

    private static ConfigNode Read(ref Utf8JsonReader reader, ref LineCounter lines)
    {
        var line = lines.At(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadMap(ref reader, ref lines, line);
            case JsonTokenType.StartArray:
                var list = new ConfigNode.List { Line = line };
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) list.Items.Add(Read(ref reader, ref lines));
                return list;
            case JsonTokenType.String:
                return new ConfigNode.Scalar(reader.GetString()!, ConfigNode.ScalarKind.String) { Line = line };
            case JsonTokenType.Number:
                return new ConfigNode.Scalar(Encoding.UTF8.GetString(reader.ValueSpan), ConfigNode.ScalarKind.Number) { Line = line };
            case JsonTokenType.True:
            case JsonTokenType.False:
                return new ConfigNode.Scalar(Encoding.UTF8.GetString(reader.ValueSpan), ConfigNode.ScalarKind.Boolean) { Line = line };
            default:
                return new ConfigNode.Scalar("null", ConfigNode.ScalarKind.Null) { Line = line };
        }
    }

    private static ConfigNode.Map ReadMap(ref Utf8JsonReader reader, ref LineCounter lines, int line)
    {
        var map = new ConfigNode.Map { Line = line };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            if (!seen.Add(key)) throw new FormatException($"line {lines.At(reader.TokenStartIndex)}: '{key}' occurs twice");
            reader.Read();
            map.Entries.Add(new(key, Read(ref reader, ref lines)));
        }
        return map;
    }

    private ref struct LineCounter(ReadOnlySpan<byte> text)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private int _offset;
        private int _line = 1;

        public int At(long offset)
        {
            _line += _text[_offset..(int)offset].Count((byte)'\n');
            _offset = (int)offset;
            return _line;
        }
    }
}
