using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fairlead.Config.Kinds;

/// <summary>How API objects are written as JSON: compact, and without escaping what needs none (as Go's encoder without HTML escaping).</summary>
public static class JsonText
{
    /// <summary>Nesting that is read at the most; real objects stay below 40.</summary>
    public const int MaxDepth = 128;

    public static JsonSerializerOptions Relaxed { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
        TypeInfoResolver = JsonNodeContext.Default,
    };
}
