using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Fairlead.Config.Kinds;

/// <summary>Source-generated, so that trees are written without reflection (Config is AOT-compatible).</summary>
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonArray))]
internal sealed partial class JsonNodeContext : JsonSerializerContext;
