using System.Text;
using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>The router's changes to the request that goes upstream, in Envoy's order.</summary>
internal static class UpstreamRequestHeaders
{
    public static void Finish(
        HttpStream stream, RouteEntry route, RouteAction.Forward forward, WeightedCluster? choice, ClusterConfig cluster,
        HttpFilterConfig.Router? router, RequestTimeouts timeouts)
    {
        var headers = stream.RequestHeaders;
        if (stream.Config.Tracing is not null)
        {
            // Egress propagates the operation; a sidecar's inbound side takes the header away.
            if (route.DecoratorOperation is { } operation && route.PropagateDecorator) headers.Set("x-envoy-decorator-operation"u8, operation);
            else if (stream.Server.Connection.Listener.Direction == TrafficDirection.Inbound) headers.Remove("x-envoy-decorator-operation"u8);
        }
        var expected = timeouts.ExpectedMilliseconds;
        if (router is not { SuppressEnvoyHeaders: true } && expected > 0) headers.SetNumber("x-envoy-expected-rq-timeout-ms"u8, expected);
        if (route.VirtualHost.IncludeRequestAttemptCount) headers.SetNumber("x-envoy-attempt-count"u8, 1);
        RouteHeaders.ApplyToRequest(route, choice, headers, stream.Info);
        RewritePath(stream, route, forward);
        RewriteHost(stream, forward, choice);
    }

    private static void RewritePath(HttpStream stream, RouteEntry route, RouteAction.Forward forward)
    {
        if (forward.PathRewrite is not { } rewrite) return;
        var headers = stream.RequestHeaders;
        var original = headers.Path.ToArray();
        var rewritten = PathRewriter.Rewrite(original, route, rewrite, keepQuery: true);
        if (rewritten.AsSpan().SequenceEqual(original)) return;
        headers.Set("x-envoy-original-path"u8, original);
        headers.SetPath(rewritten);
    }

    private static void RewriteHost(HttpStream stream, RouteAction.Forward forward, WeightedCluster? choice)
    {
        var headers = stream.RequestHeaders;
        var rewrite = forward.HostRewrite;
        var target = choice?.HostRewrite ?? rewrite?.Literal;
        if (target is null && rewrite?.Header is { } name && headers.TryGet(name, out var value) && !value.IsEmpty) target = value.ToArray();
        if (target is null && rewrite?.PathPattern is { } pattern)
            target = Encoding.Latin1.GetBytes(pattern.Replace(Encoding.Latin1.GetString(headers.Path), rewrite.PathSubstitution ?? string.Empty));
        if (target is null && rewrite is not { Auto: true }) return;
        if (forward.AppendXForwardedHost) headers.Append("x-forwarded-host"u8, headers.Authority);
        if (target is not null) headers.SetAuthority(target);
    }
}
