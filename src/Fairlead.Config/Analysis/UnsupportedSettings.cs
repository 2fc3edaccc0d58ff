using Fairlead.Config.Validation;

namespace Fairlead.Config.Analysis;

/// <summary>FL0012: what is accepted, as Istio accepts it, and does not act here. The one list of it: a part that begins to act removes its line.</summary>
internal static class UnsupportedSettings
{
    /// <summary>Kind, field path (<c>[]</c> for each item) and what happens instead.</summary>
    private static readonly (string Kind, string Path, string Instead)[] Settings =
    [
        ("DestinationRule", "spec.trafficPolicy.tunnel", "connections go to the host itself"),
        ("DestinationRule", "spec.trafficPolicy.proxyProtocol", "no PROXY header is sent"),
        ("DestinationRule", "spec.trafficPolicy.loadBalancer.backendUtilization", "LEAST_REQUEST is used"),
        ("DestinationRule", "spec.trafficPolicy.loadBalancer.zoneAwareLbSetting", "all endpoints share the traffic"),
        ("DestinationRule", "spec.trafficPolicy.loadBalancer.warmup", "new endpoints get their full share at once"),
        ("DestinationRule", "spec.trafficPolicy.loadBalancer.warmupDurationSecs", "new endpoints get their full share at once"),
        ("DestinationRule", "spec.trafficPolicy.retryBudget", "maxRetries alone limits retries"),
        ("Sidecar", "spec.ingress[].tls", "the listener takes plain traffic"),
        ("Telemetry", "spec.tracing", "no spans are reported"),
        ("Telemetry", "spec.metrics[].overrides[].tagOverrides", "tags keep their values"),
        ("VirtualService", "spec.tcp[].match[].sourceSubnet", "the condition always holds, as in Istio"),
    ];

    public static void Check(AnalysisModel model, FindingSink sink)
    {
        foreach (var target in model.Input.Objects)
        {
            foreach (var (kind, path, instead) in Settings)
            {
                if (target.Kind != kind || !target.Group.EndsWith(".istio.io", StringComparison.Ordinal))
                    continue;
                foreach (var field in Find(Field.Of(target, "spec"), path["spec.".Length..]))
                    sink.Warn(target, AnalysisCodes.NotActedOn, field.Path, $"{field.Path} is accepted and not acted on yet: {instead}", "do not rely on it; remove it to silence this");
            }
        }
    }

    private static IEnumerable<Field> Find(Field parent, string path)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        var step = dot < 0 ? path : path[..dot];
        var isList = step.EndsWith("[]", StringComparison.Ordinal);
        var field = parent[isList ? step[..^2] : step];
        var found = isList ? field.Items : [field];
        return dot < 0 ? found.Where(item => item.IsSet) : found.SelectMany(item => Find(item, path[(dot + 1)..]));
    }
}
