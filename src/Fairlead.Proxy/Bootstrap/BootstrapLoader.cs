using Envoy.Config.Bootstrap.V3;
using Fairlead.Xds.Json;

namespace Fairlead.Proxy.Bootstrap;

/// <summary>Bootstrap text to message. All faults of the document are reported together.</summary>
internal static class BootstrapLoader
{
    public const string MessageName = "envoy.config.bootstrap.v3.Bootstrap";

    /// <summary>Null = there were errors.</summary>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="source">Named in every message.</param>
    /// <param name="errors">What makes the document unusable.</param>
    /// <param name="unknown">Fields that no message declares; they have no effect.</param>
    public static LoadedBootstrap? Load(string text, string source, List<string> errors, List<JsonFinding> unknown)
    {
        ConfigNode document;
        try
        {
            document = YamlText.Parse(text);
        }
        catch (FormatException e)
        {
            errors.Add($"{source}: {e.Message}");
            return null;
        }
        var reader = new JsonToProto(ProtoSchema.Default);
        var wire = reader.Convert(MessageName, document);
        foreach (var finding in reader.Findings)
        {
            if (finding.IsUnknownField) unknown.Add(finding);
            else errors.Add($"{source}: {finding}");
        }
        return reader.HasErrors ? null : new LoadedBootstrap(Envoy.Config.Bootstrap.V3.Bootstrap.Parser.ParseFrom(wire), wire);
    }

    /// <summary>The static runtime layers as "a.b.c" to text; later layers win.</summary>
    public static Dictionary<string, string> Runtime(LayeredRuntime? layered)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var layer in layered?.Layers ?? [])
        {
            if (layer.StaticLayer is not null) Flatten(layer.StaticLayer, string.Empty, result);
        }
        return result;
    }

    private static void Flatten(Google.Protobuf.WellKnownTypes.Struct value, string prefix, Dictionary<string, string> result)
    {
        foreach (var (key, item) in value.Fields)
        {
            var name = prefix.Length == 0 ? key : $"{prefix}.{key}";
            if (item.StructValue is not null) Flatten(item.StructValue, name, result);
            else if (item.HasNumberValue) result[name] = item.NumberValue.ToString(System.Globalization.CultureInfo.InvariantCulture);
            else if (item.HasBoolValue) result[name] = item.BoolValue ? "true" : "false";
            else result[name] = item.StringValue; // empty for a list or null, which no key has
        }
    }
}
