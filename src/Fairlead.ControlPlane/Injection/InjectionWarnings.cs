using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;

namespace Fairlead.ControlPlane.Injection;

/// <summary>Annotations of Istio's that a pod carries and that nobody here acts on: said to the user instead of ignored.</summary>
internal static class InjectionWarnings
{
    private static readonly HashSet<string> ActedOn = new(StringComparer.Ordinal)
    {
        InjectionPolicy.InjectKey, SidecarInjector.StatusAnnotation, CaptureArguments.InterceptionModeKey, CaptureArguments.StatusPortKey, ProxyConfigText.Annotation,
        "sidecar.istio.io/proxyImage", "sidecar.istio.io/logLevel", "sidecar.istio.io/componentLogLevel", "sidecar.istio.io/agentLogLevel",
        "sidecar.istio.io/proxyCPU", "sidecar.istio.io/proxyCPULimit", "sidecar.istio.io/proxyMemory", "sidecar.istio.io/proxyMemoryLimit",
        "sidecar.istio.io/userVolume", "sidecar.istio.io/userVolumeMount", "sidecar.istio.io/nativeSidecar",
        "traffic.sidecar.istio.io/includeOutboundIPRanges", "traffic.sidecar.istio.io/excludeOutboundIPRanges",
        "traffic.sidecar.istio.io/includeInboundPorts", "traffic.sidecar.istio.io/excludeInboundPorts",
        "traffic.sidecar.istio.io/includeOutboundPorts", "traffic.sidecar.istio.io/excludeOutboundPorts",
        "traffic.sidecar.istio.io/excludeInterfaces", "traffic.sidecar.istio.io/kubevirtInterfaces",
    };

    private static readonly string[] Prefixes =
    [
        "sidecar.istio.io/", "traffic.sidecar.istio.io/", "status.sidecar.istio.io/", "readiness.status.sidecar.istio.io/", "inject.istio.io/",
        "proxy.istio.io/", "prometheus.istio.io/",
    ];

    public static IEnumerable<string> For(KubeObject pod) => Annotations(pod).Concat(
        pod.Annotations.TryGetValue(ProxyConfigText.Annotation, out var text) && new YamlReader().ReadMapping(text, "", out _).Object("proxyHeaders") is { } headers
            ? ProxyHeaders.Read(headers).Unacted.Select(field => $"annotation {ProxyConfigText.Annotation}: proxyHeaders.{field} is not acted on by Fairlead")
            : []);

    private static IEnumerable<string> Annotations(KubeObject pod) =>
        from annotation in pod.Annotations.Keys
        where !ActedOn.Contains(annotation) && Prefixes.Any(prefix => annotation.StartsWith(prefix, StringComparison.Ordinal))
        select $"annotation {annotation} is not acted on by Fairlead";
}
