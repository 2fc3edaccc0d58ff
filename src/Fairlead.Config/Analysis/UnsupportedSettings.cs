using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Analysis;

/// <summary>A field that is set and does not act: its path from the object's root, and what that means for traffic.</summary>
public readonly record struct UnsupportedSetting(string Path, string Instead);

/// <summary>
/// FL0012: what is accepted, as Istio accepts it, and does not act here. The one list of it, for analysis and for the object's status: a part that begins to act
/// removes its line. Where a field would have protected or refused traffic, the translation refuses it altogether, and the text says so.
/// </summary>
public static class UnsupportedSettings
{
    private static readonly int[] RedirectCodes = [301, 302, 303, 307, 308];

    public static IEnumerable<UnsupportedSetting> Of(VirtualService item)
    {
        if (!item.AppliesToMesh && !item.IsDelegate)
        {
            yield return new UnsupportedSetting("spec.gateways", "gateways are not served; add mesh to use the rules in sidecars");
            yield break;
        }

        for (var i = 0; i < item.Http.Count; i++)
        {
            foreach (var (field, message) in Of(item.Http[i]))
                yield return new UnsupportedSetting($"spec.http[{i}].{field}", message);
        }
    }

    private static IEnumerable<(string Field, string Message)> Of(HttpRoute rule)
    {
        if (rule.Fault?.Abort is { Percent: >= 100 } all)
        {
            if (all.GrpcStatus.Length > 0)
                yield return ("fault.abort.grpcStatus", "every request is answered with HTTP 503 instead of the gRPC status");
        }
        else if (rule.Fault?.Abort is not null)
        {
            yield return ("fault.abort", "no request is aborted: shares of requests are not drawn yet");
        }

        if (rule.Fault?.Delay is not null)
            yield return ("fault.delay", "requests are not delayed");
        if (rule.Mirrors.Count > 0)
            yield return ("mirrors", "requests are not mirrored");
        if (rule.CorsPolicy is not null)
            yield return ("corsPolicy", "preflight requests go to the destination, no CORS header is added");
        if (rule.Retries?.RetryRemoteLocalities == true)
            yield return ("retries.retryRemoteLocalities", "retries do not prefer other localities");
        if (rule.Redirect is { } redirect && !RedirectCodes.Contains(redirect.Code))
            yield return ("redirect.redirectCode", $"{redirect.Code} is answered as 301; use 301, 302, 303, 307 or 308");
        for (var i = 0; i < rule.Match.Count; i++)
        {
            if (rule.Match[i].Headers.Keys.Concat(rule.Match[i].WithoutHeaders.Keys).Any(name => name.StartsWith('@')))
                yield return ($"match[{i}].headers", "claims are not looked at by sidecars: this alternative never matches");
        }
    }

    public static IEnumerable<UnsupportedSetting> Of(DestinationRule item)
    {
        var found = Of(item.TrafficPolicy, "spec.trafficPolicy");
        for (var i = 0; i < item.Subsets.Count; i++)
            found = found.Concat(Of(item.Subsets[i].TrafficPolicy, $"spec.subsets[{i}].trafficPolicy"));
        return found.Select(entry => new UnsupportedSetting(entry.Field, entry.Message));
    }

    private static IEnumerable<(string Field, string Message)> Of(TrafficPolicy? policy, string path)
    {
        if (policy is null)
            yield break;
        foreach (var (field, message) in Of(policy.LoadBalancer))
            yield return ($"{path}.loadBalancer.{field}", message);
        if (policy.OutlierDetection is not null)
            yield return ($"{path}.outlierDetection", "failing endpoints are not ejected");
        if (policy.ConnectionPool?.Http is { } http && (http.Http2KeepAliveInterval ?? http.Http2KeepAliveTimeout) is not null)
            yield return ($"{path}.connectionPool.http.http2KeepAlive", "no HTTP/2 pings are sent");
        if (policy.Tls is { Mode: not ClientTlsMode.Disable } tls)
            yield return ($"{path}.tls", $"TLS of mode {ModeName(tls.Mode)} is not originated: no connection is made rather than a plain one; remove the block or let the application speak TLS");
        if (policy.Tunnel is not null)
            yield return ($"{path}.tunnel", "tunnels are not built: no connection is made rather than a direct one");
        if (policy.ProxyProtocol is not null)
            yield return ($"{path}.proxyProtocol", "no PROXY header is sent: no connection is made rather than one without it");
        if (policy.RetryBudget?.BudgetInterval is not null)
            yield return ($"{path}.retryBudget.budgetInterval", "the budget is of requests in flight, without an interval");
        for (var i = 0; i < policy.PortLevelSettings.Count; i++)
        {
            foreach (var nested in Of(policy.PortLevelSettings[i].Policy, $"{path}.portLevelSettings[{i}]"))
                yield return nested;
        }
    }

    private static IEnumerable<(string Field, string Message)> Of(LoadBalancer? balancer)
    {
        if (balancer?.ConsistentHash is not null)
            yield return ("consistentHash", "requests are spread by least request, without affinity");
        if (balancer?.BackendUtilization is not null)
            yield return ("backendUtilization", "load reports are not used; requests are spread by least request");
        if (balancer?.Locality is not null)
            yield return ("localityLbSetting", "localities are neither weighted nor preferred");
        if (balancer?.ZoneAware is not null)
            yield return ("zoneAwareLbSetting", "zones are not preferred");
        if (balancer?.Warmup is not null)
            yield return ("warmup", "new endpoints get their full share at once");
    }

    public static IEnumerable<UnsupportedSetting> Of(ServiceEntry item)
    {
        if (item.Resolution == ServiceResolution.DynamicDns)
            yield return new UnsupportedSetting("spec.resolution", "DYNAMIC_DNS is not built: the hosts are treated as if no entry named them");
        if (item.SubjectAltNames.Count > 0)
            yield return new UnsupportedSetting("spec.subjectAltNames", "TLS is not originated, so no certificate is checked");
        if (item.Endpoints.Any(endpoint => endpoint.Network.Length > 0))
            yield return new UnsupportedSetting("spec.endpoints[].network", "all endpoints are taken to be in the proxy's network");
    }

    public static IEnumerable<UnsupportedSetting> Of(Sidecar item)
    {
        if (item.Ingress.Count > 0)
            yield return new UnsupportedSetting("spec.ingress", "inbound listeners follow the Services of the workload instead");
        if (item.InboundConnectionPool is not null)
            yield return new UnsupportedSetting("spec.inboundConnectionPool", "inbound connections are not limited");
        for (var i = 0; i < item.Egress.Count; i++)
        {
            var egress = item.Egress[i];
            if (egress.CaptureMode == CaptureMode.None)
                yield return new UnsupportedSetting($"spec.egress[{i}].captureMode", "the listener is reached by captured traffic only: its port is not bound");
            if (egress.Port?.Protocol == Protocol.HttpProxy)
                yield return new UnsupportedSetting($"spec.egress[{i}].port.protocol", "HTTP_PROXY is not built; the services of the port are reached by their own protocols");
            if (egress.Bind.StartsWith("unix://", StringComparison.Ordinal))
                yield return new UnsupportedSetting($"spec.egress[{i}].bind", "Unix sockets are not listened on");
        }

        if (item.OutboundTrafficPolicy?.Mode == OutboundTrafficMode.AllowAnyDynamicDns)
            yield return new UnsupportedSetting("spec.outboundTrafficPolicy.mode", "unknown hosts go to the address that the application dialled, as with ALLOW_ANY");
    }

    public static IEnumerable<UnsupportedSetting> Of(Telemetry item)
    {
        if (item.TargetRefs.Count > 0)
            yield return new UnsupportedSetting("spec.targetRefs", "only selectors are followed: this object applies to nothing");
        for (var i = 0; i < item.AccessLogging.Count; i++)
        {
            if (item.AccessLogging[i].Filter.Length > 0)
                yield return new UnsupportedSetting($"spec.accessLogging[{i}].filter", "the filter is not evaluated: every request is logged");
        }

        for (var i = 0; i < item.Metrics.Count; i++)
        {
            if (item.Metrics[i].Overrides.Any(change => change.Metric != "ALL_METRICS" || change.TagOverrides.Count > 0))
                yield return new UnsupportedSetting($"spec.metrics[{i}].overrides", "only ALL_METRICS can be switched; single metrics and tags stay as they are");
        }

        for (var i = 0; i < item.Tracing.Count; i++)
        {
            if (item.Tracing[i].Providers.Count > 0 || item.Tracing[i].CustomTags.Count > 0)
                yield return new UnsupportedSetting($"spec.tracing[{i}]", "no spans are reported; sampling decides the request id's trace mark only");
            if (item.Tracing[i].DisableContextPropagation == true)
                yield return new UnsupportedSetting($"spec.tracing[{i}].disableContextPropagation", "headers of the application's own trace are passed on");
        }
    }

    internal static void Check(AnalysisModel model, FindingSink sink)
    {
        Check(model.VirtualServices, Of, sink);
        Check(model.DestinationRules, Of, sink);
        Check(model.Entries, Of, sink);
        Check(model.Sidecars, Of, sink);
        Check(model.Telemetries, Of, sink);
    }

    private static void Check<T>(List<Item<T>> items, Func<T, IEnumerable<UnsupportedSetting>> settings, FindingSink sink)
    {
        foreach (var (target, item) in items)
        {
            foreach (var (path, instead) in settings(item))
                sink.Warn(target, AnalysisCodes.NotActedOn, path, $"accepted and not acted on yet: {instead}", "do not rely on it; remove it to silence this");
        }
    }

    private static string ModeName(ClientTlsMode mode) => mode switch
    {
        ClientTlsMode.Simple => "SIMPLE",
        ClientTlsMode.Mutual => "MUTUAL",
        _ => "ISTIO_MUTUAL",
    };
}
