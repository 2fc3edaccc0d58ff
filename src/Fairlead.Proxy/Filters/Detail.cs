namespace Fairlead.Proxy.Filters;

/// <summary>Envoy's response code details that are plain words (envoy.md 1.6).</summary>
internal static class Detail
{
    public static readonly byte[] ViaUpstream = Text("via_upstream");
    public static readonly byte[] DirectResponse = Text("direct_response");
    public static readonly byte[] ResponseTimeout = Text("response_timeout");
    public static readonly byte[] PerTryTimeout = Text("upstream_per_try_timeout");
    public static readonly byte[] PerTryIdleTimeout = Text("upstream_per_try_idle_timeout");
    public static readonly byte[] UpstreamMaxStreamDuration = Text("upstream_max_stream_duration_reached");
    public static readonly byte[] NoHealthyUpstream = Text("no_healthy_upstream");
    public static readonly byte[] ClusterNotFound = Text("cluster_not_found");
    public static readonly byte[] RouteNotFound = Text("route_not_found");
    public static readonly byte[] RouteConfigurationNotFound = Text("route_configuration_not_found");
    public static readonly byte[] StreamIdleTimeout = Text("stream_idle_timeout");
    public static readonly byte[] MaxDurationTimeout = Text("max_duration_timeout");
    public static readonly byte[] RequestOverallTimeout = Text("request_overall_timeout");
    public static readonly byte[] RequestHeaderTimeout = Text("request_header_timeout");
    public static readonly byte[] LowVersion = Text("low_version");
    public static readonly byte[] MissingHost = Text("missing_host_header");
    public static readonly byte[] MissingPath = Text("missing_path_rejected");
    public static readonly byte[] AbsolutePath = Text("absolute_path_rejected");
    public static readonly byte[] PathNormalizationFailed = Text("path_normalization_failed");
    public static readonly byte[] UpgradeFailed = Text("upgrade_failed");
    public static readonly byte[] DownstreamRemoteDisconnect = Text("downstream_remote_disconnect");
    public static readonly byte[] FilterChainNotFound = Text("filter_chain_not_found");

    /// <param name="header">An x-envoy header whose value the router's strict_check_headers refuse.</param>
    public static byte[] FailedStrictCheck(string header) => Text($"request_headers_failed_strict_check{{{header}}}");

    /// <summary>Not Envoy's, which would serve it.</summary>
    public static readonly byte[] Http2NotSupported = Text("http2.not_supported");

    private static byte[] Text(string text) => System.Text.Encoding.ASCII.GetBytes(text);
}
