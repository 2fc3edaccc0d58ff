using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.Config.Analysis;

/// <summary>
/// What Istio's injector was installed with: the JSON under <c>values</c> in the ConfigMap <c>istio-sidecar-injector</c> of the root
/// namespace. Empty where there is none.
/// </summary>
internal sealed record InjectorValues(bool EnablesByDefault, string ProxyImage)
{
    private const string Name = "istio-sidecar-injector";

    public static InjectorValues Read(AnalysisModel model)
    {
        var map = model.Input.Objects.FirstOrDefault(target => target.Kind == "ConfigMap" && target.Name == Name && target.Namespace == model.Mesh.RootNamespace);
        if (map?.Root.Object("data").Text("values") is not { Length: > 0 } text || Parse(text) is not { } values)
            return new InjectorValues(false, "");
        var webhook = values.Object("sidecarInjectorWebhook");
        var global = values.Object("global");
        var image = global.Object("proxy").Text("image");
        if (image.Length > 0 && !image.Contains('/', StringComparison.Ordinal))
            image = $"{global.Text("hub")}/{image}:{global.Text("tag")}";
        return new InjectorValues(webhook?["enableNamespacesByDefault"]?.GetValueKind() == JsonValueKind.True, image);
    }

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            // Whoever wrote it hears of it elsewhere: the injector does not start with it.
            return null;
        }
    }
}
