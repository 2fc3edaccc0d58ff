using System.Globalization;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.Config.Reading;

namespace Fairlead.Config.Analysis;

/// <summary>IST0107, IST0108, IST0125, IST0135, IST0136: Istio's annotations, where they stand and what they say.</summary>
internal static class AnnotationAnalysis
{
    private static readonly string[] OnPods = ["Pod", "Deployment", "ReplicaSet"];
    private static readonly string[] OnServices = ["Service"];

    /// <summary>Annotations that are known: the kinds they act on (empty for any), how the value is checked, what replaced them.</summary>
    private static readonly Dictionary<string, Known> Annotations = new(StringComparer.Ordinal)
    {
        ["traffic.sidecar.istio.io/includeOutboundIPRanges"] = new(OnPods, Cidrs),
        ["traffic.sidecar.istio.io/excludeOutboundIPRanges"] = new(OnPods, CidrsWithoutStar),
        ["traffic.sidecar.istio.io/includeOutboundPorts"] = new(OnPods, Ports),
        ["traffic.sidecar.istio.io/excludeOutboundPorts"] = new(OnPods, Ports),
        ["traffic.sidecar.istio.io/includeInboundPorts"] = new(OnPods, Ports),
        ["traffic.sidecar.istio.io/excludeInboundPorts"] = new(OnPods, Ports),
        ["traffic.sidecar.istio.io/excludeInterfaces"] = new(OnPods),
        ["traffic.sidecar.istio.io/kubevirtInterfaces"] = new(OnPods, Replacement: "istio.io/reroute-virtual-interfaces"),
        ["istio.io/reroute-virtual-interfaces"] = new(OnPods),
        ["sidecar.istio.io/inject"] = new(OnPods, Boolean, "the label sidecar.istio.io/inject"),
        ["sidecar.istio.io/interceptionMode"] = new(OnPods, value => value is "REDIRECT" or "TPROXY" or "NONE" ? null : "write REDIRECT, TPROXY or NONE"),
        ["sidecar.istio.io/proxyImage"] = new(OnPods),
        ["sidecar.istio.io/proxyImageType"] = new(OnPods),
        ["sidecar.istio.io/proxyCPU"] = new(OnPods),
        ["sidecar.istio.io/proxyCPULimit"] = new(OnPods),
        ["sidecar.istio.io/proxyMemory"] = new(OnPods),
        ["sidecar.istio.io/proxyMemoryLimit"] = new(OnPods),
        ["sidecar.istio.io/logLevel"] = new(OnPods),
        ["sidecar.istio.io/componentLogLevel"] = new(OnPods),
        ["sidecar.istio.io/agentLogLevel"] = new(OnPods),
        ["sidecar.istio.io/statsInclusionPrefixes"] = new(OnPods),
        ["sidecar.istio.io/statsInclusionSuffixes"] = new(OnPods),
        ["sidecar.istio.io/statsInclusionRegexps"] = new(OnPods),
        ["sidecar.istio.io/statsHistogramBuckets"] = new(OnPods),
        ["sidecar.istio.io/extraStatTags"] = new(OnPods),
        ["sidecar.istio.io/rewriteAppHTTPProbers"] = new(OnPods, Boolean),
        ["sidecar.istio.io/userVolume"] = new(OnPods),
        ["sidecar.istio.io/userVolumeMount"] = new(OnPods),
        ["sidecar.istio.io/nativeSidecar"] = new(OnPods, Boolean),
        ["sidecar.istio.io/bootstrapOverride"] = new(OnPods),
        ["sidecar.istio.io/controlPlaneAuthPolicy"] = new(OnPods),
        ["sidecar.istio.io/discoveryAddress"] = new(OnPods, Replacement: "proxy.istio.io/config"),
        ["sidecar.istio.io/status"] = new(OnPods),
        ["status.sidecar.istio.io/port"] = new(OnPods, Ports),
        ["readiness.status.sidecar.istio.io/applicationPorts"] = new(OnPods, Ports),
        ["readiness.status.sidecar.istio.io/initialDelaySeconds"] = new(OnPods, Number),
        ["readiness.status.sidecar.istio.io/periodSeconds"] = new(OnPods, Number),
        ["readiness.status.sidecar.istio.io/failureThreshold"] = new(OnPods, Number),
        ["proxy.istio.io/config"] = new(OnPods, Mapping),
        ["proxy.istio.io/overrides"] = new(OnPods),
        ["prometheus.istio.io/merge-metrics"] = new(OnPods, Boolean),
        ["inject.istio.io/templates"] = new(OnPods),
        ["networking.istio.io/exportTo"] = new(OnServices),
        ["networking.istio.io/address-type"] = new(["Gateway"]),
        ["networking.istio.io/service-type"] = new(["Gateway"]),
        ["networking.istio.io/traffic-distribution"] = new([]),
        ["networking.istio.io/tunnel"] = new(OnPods),
        ["galley.istio.io/analyze-suppress"] = new([]),
        ["istio.io/dry-run"] = new(["AuthorizationPolicy"]),
        ["istio.io/rev"] = new([]),
        ["topology.istio.io/controlPlaneClusters"] = new(["Namespace"]),
    };

    /// <summary>
    /// Annotations that Istio calls stable or beta, and those that it does not grade; the others are alpha (istio.io/api annotations.yaml,
    /// featureStatus). The status annotation is written by the injector, not by a user, and suppression is analysis' own.
    /// </summary>
    private static readonly HashSet<string> NotAlpha = new(StringComparer.Ordinal)
    {
        "galley.istio.io/analyze-suppress", "sidecar.istio.io/inject", "sidecar.istio.io/status", "sidecar.istio.io/proxyMemoryLimit", "sidecar.istio.io/userVolumeMount", "sidecar.istio.io/nativeSidecar",
        "sidecar.istio.io/proxyImageType", "sidecar.istio.io/statsHistogramBuckets", "traffic.sidecar.istio.io/includeInboundPorts", "traffic.sidecar.istio.io/excludeInterfaces",
        "proxy.istio.io/config", "istio.io/rev", "istio.io/reroute-virtual-interfaces", "networking.istio.io/traffic-distribution", "networking.istio.io/tunnel",
        "networking.istio.io/address-type", "networking.istio.io/service-type", "topology.istio.io/controlPlaneClusters",
    };

    private sealed record Known(string[] Kinds, Func<string, string?>? Fault = null, string Replacement = "");

    public static void Check(AnalysisModel model, FindingSink sink)
    {
        foreach (var target in model.Input.Objects)
        {
            var metadata = target.Root.Object("metadata").Object("annotations");
            foreach (var (name, value) in metadata ?? [])
                Annotation(sink, target, name, JsonFields.TextOf(value) ?? "", "metadata.annotations");
            var template = target.Spec.Object("template").Object("metadata").Object("annotations");
            foreach (var (name, value) in target.Kind is "Deployment" or "ReplicaSet" ? template ?? [] : [])
                Annotation(sink, target, name, JsonFields.TextOf(value) ?? "", "spec.template.metadata.annotations");
        }
    }

    private static void Annotation(FindingSink sink, KubeObject target, string name, string value, string parent)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !(name[..slash] is "istio.io" || name[..slash].EndsWith(".istio.io", StringComparison.Ordinal)))
            return;
        var path = FieldPath.Join(parent, name);
        if (!Annotations.TryGetValue(name, out var known))
        {
            if (name[..slash] is "istio.io" or "internal.istio.io" or "operator.istio.io" or "install.operator.istio.io")
                return;
            var near = NearMiss.Find(name, Annotations.Keys);
            sink.Warn(target, AnalysisCodes.UnknownAnnotation, path, $"Unknown annotation: {name}", near is null ? "remove it: it has no effect" : $"did you mean {near}?");
            return;
        }
        var misplaced = known.Kinds.Length > 0 && !known.Kinds.Contains(target.Kind);
        var fault = known.Fault?.Invoke(value);
        if (misplaced)
            sink.Warn(target, AnalysisCodes.MisplacedAnnotation, path, $"Misplaced annotation: {name} can only be applied to {string.Join(", ", known.Kinds)}", "move it there");
        if (known.Replacement.Length > 0)
            sink.Info(target, AnalysisCodes.DeprecatedAnnotation, path, $"Annotation \"{name}\" has been deprecated and may not work in future Istio versions.", $"use {known.Replacement}");
        else if (!misplaced && fault is null && !NotAlpha.Contains(name))
            sink.Info(target, AnalysisCodes.AlphaAnnotation, path, $"Annotation \"{name}\" is part of an alpha-phase feature and may be incompletely supported.", "nothing need be done; it may change with a version of Istio's API");
        if (fault is not null)
            sink.Warn(target, AnalysisCodes.InvalidAnnotation, path, $"Invalid annotation {name}: value \"{value}\" is not valid", fault);
    }

    private static string? Cidrs(string value) => value == "*" ? null : CidrsWithoutStar(value);

    private static string? CidrsWithoutStar(string value) =>
        Parts(value).All(part => Cidr.TryParse(part, out _)) ? null : "write blocks such as 10.0.0.0/8, separated by commas";

    private static string? Ports(string value) =>
        value == "*" || Parts(value).All(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 0 and <= 65535)
            ? null
            : "write port numbers, separated by commas; ranges are not supported";

    private static string? Boolean(string value) => value is "true" or "false" ? null : "write \"true\" or \"false\"";

    private static string? Number(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? null : "write a whole number";

    private static string? Mapping(string value)
    {
        _ = new YamlReader().ReadMapping(value, "", out var fault);
        return fault is null ? null : $"write a YAML mapping: {fault.Message}";
    }

    private static string[] Parts(string value) => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
