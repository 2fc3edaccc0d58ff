using System.Text.Json.Nodes;

namespace Fairlead.ControlPlane.Injection;

/// <summary>What injection takes from the installation and from MeshConfig.</summary>
public sealed record InjectionSettings
{
    public string ProxyImage { get; init; } = "fairlead/proxy:0.1.0";

    /// <summary>The image of the init container that runs <c>fairlead capture</c>.</summary>
    public string CaptureImage { get; init; } = "fairlead/proxy:0.1.0";

    public string Revision { get; init; } = "default";
    public string ClusterId { get; init; } = "Kubernetes";
    public string MeshId { get; init; } = "cluster.local";
    public string TrustDomain { get; init; } = "cluster.local";
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>Where sidecars find the control plane; PROXY_CONFIG of the pod may name another.</summary>
    public string DiscoveryAddress { get; init; } = "istiod.istio-system.svc:15012";

    /// <summary>Sidecars become init containers with restartPolicy Always (Kubernetes 1.29 and later), unless a pod says otherwise.</summary>
    public bool NativeSidecars { get; init; }

    /// <summary>MeshConfig.defaultConfig: the mesh's ProxyConfig, under each pod's own.</summary>
    public JsonObject DefaultProxyConfig { get; init; } = [];
}
