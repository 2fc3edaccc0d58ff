namespace Fairlead.Xds.Json;

/// <summary>A value of a YAML or JSON document with its place in it.</summary>
public abstract class ConfigNode
{
    /// <summary>1-based; 0 = unknown.</summary>
    public int Line { get; init; }

    public sealed class Map : ConfigNode
    {
        public List<KeyValuePair<string, ConfigNode>> Entries { get; } = [];

        public ConfigNode? this[string key]
        {
            get
            {
                foreach (var entry in Entries)
                {
                    if (entry.Key == key) return entry.Value;
                }
                return null;
            }
        }
    }

    public sealed class List : ConfigNode
    {
        public List<ConfigNode> Items { get; } = [];
    }

    public sealed class Scalar(string text, ScalarKind kind) : ConfigNode
    {
        public string Text { get; } = text;

        public ScalarKind Kind { get; } = kind;
    }

    public enum ScalarKind : byte
    {
        Null,
        Boolean,
        Number,
        String,
    }

    public string Describe() => this switch
    {
        Map => "an object",
        List => "a list",
        Scalar { Kind: ScalarKind.String } scalar => $"the text '{scalar.Text}'",
        Scalar scalar => scalar.Text,
        _ => "nothing",
    };
}
