using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;

namespace Fairlead.ControlPlane.Injection;

/// <summary>The sidecar's PROXY_CONFIG: the mesh's ProxyConfig with the pod's own (annotation <c>proxy.istio.io/config</c>) over it, as JSON.</summary>
internal static class ProxyConfigText
{
    public const string Annotation = "proxy.istio.io/config";

    /// <exception cref="InvalidDataException">The annotation is not YAML.</exception>
    public static string For(KubeObject pod, JsonObject meshDefault) => Effective(pod, meshDefault).ToJsonString(JsonText.Relaxed);

    public static JsonObject Effective(KubeObject pod, JsonObject meshDefault)
    {
        var merged = (JsonObject)meshDefault.DeepClone();
        if (!pod.Annotations.TryGetValue(Annotation, out var text))
            return merged;
        var own = new YamlReader().ReadMapping(text, "", out var fault)
            ?? throw new InvalidDataException($"annotation {Annotation}: {fault?.Message ?? "no mapping of fields"}");
        Overlay(merged, own);
        return merged;
    }

    private static void Overlay(JsonObject target, JsonObject over)
    {
        foreach (var (field, value) in over)
        {
            if (target[field] is JsonObject inner && value is JsonObject own)
                Overlay(inner, own);
            else
                target[field] = value?.DeepClone();
        }
    }
}
