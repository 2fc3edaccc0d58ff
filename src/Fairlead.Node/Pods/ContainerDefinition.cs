using System.Text.Json.Nodes;
using Fairlead.Node.Images;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Pods;

/// <summary>One container of a pod's spec.</summary>
internal sealed record ContainerDefinition(JsonObject Spec, bool IsInit)
{
    public string Name => Spec.Text("name");
    public string Image => Spec.Text("image");

    /// <summary>A native sidecar: an init container that keeps running.</summary>
    public bool IsNativeSidecar => IsInit && Spec.Text("restartPolicy") == "Always";

    public bool IsProxyImage => ImageReference.Parse(Image).Repository.EndsWith("fairlead/proxy", StringComparison.Ordinal);

    /// <summary>The mesh's own sidecar: the one container that may hold uid 1337.</summary>
    public bool IsProxy => Name == "istio-proxy" && IsProxyImage;

    /// <summary>The capture step, which the node does itself instead of running a privileged container.</summary>
    public bool IsCaptureStep => IsInit && Name == "istio-init" && (IsProxyImage || ImageReference.Parse(Image).Repository.StartsWith("fairlead/", StringComparison.Ordinal));

    public JsonObject Security => Spec.Child("securityContext") ?? [];
}
