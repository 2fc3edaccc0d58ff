namespace Fairlead.Proxy.Telemetry.Stats;

/// <summary>The http.PREFIX. tree. Constants are offsets for <see cref="StatShard"/>.</summary>
internal sealed class HttpManagerStats : StatGroup
{
    public const int DownstreamCxTotal = 0;
    public const int DownstreamCxHttp1Total = 1;
    public const int DownstreamCxHttp2Total = 2;
    public const int DownstreamCxDestroy = 3;
    public const int DownstreamCxDestroyLocal = 4;
    public const int DownstreamCxDestroyRemote = 5;
    public const int DownstreamCxDestroyActiveRq = 6;
    public const int DownstreamCxDestroyLocalActiveRq = 7;
    public const int DownstreamCxDestroyRemoteActiveRq = 8;
    public const int DownstreamCxRxBytesTotal = 9;
    public const int DownstreamCxTxBytesTotal = 10;
    public const int DownstreamCxDrainClose = 11;
    public const int DownstreamCxIdleTimeout = 12;
    public const int DownstreamCxMaxDurationReached = 13;
    public const int DownstreamCxMaxRequestsReached = 14;
    public const int DownstreamCxOverloadDisableKeepalive = 15;
    public const int DownstreamCxProtocolError = 16;
    public const int DownstreamCxDelayedCloseTimeout = 17;
    public const int DownstreamCxUpgradesTotal = 18;
    public const int DownstreamRqTotal = 19;
    public const int DownstreamRqHttp1Total = 20;
    public const int DownstreamRqHttp2Total = 21;
    public const int DownstreamRqCompleted = 22;
    public const int DownstreamRqTimeout = 23;
    public const int DownstreamRqHeaderTimeout = 24;
    public const int DownstreamRqIdleTimeout = 25;
    public const int DownstreamRqMaxDurationReached = 26;
    public const int DownstreamRqRxReset = 27;
    public const int DownstreamRqTxReset = 28;
    public const int DownstreamRqNonRelativePath = 29;
    public const int DownstreamRqTooLarge = 30;
    public const int DownstreamRqWsOnNonWsRoute = 31;
    public const int DownstreamRqOverloadClose = 32;
    public const int DownstreamRqResponseBeforeRqComplete = 33;
    public const int DownstreamRqFailedPathNormalization = 34;
    public const int DownstreamRqRejectedViaIpDetection = 35;
    public const int DownstreamRqRedirectedWithNormalizedPath = 36;
    public const int RsTooLarge = 37;
    public const int NoRoute = 38;
    public const int NoCluster = 39;
    public const int RqTotal = 40;
    public const int RqDirectResponse = 41;
    public const int RqRedirect = 42;
    public const int RqResetAfterDownstreamResponseStarted = 43;
    public const int PassthroughInternalRedirectNoRoute = 44;
    public const int RqRetrySkippedRequestNotComplete = 45;
    public const int RqOverloadLocalReply = 46;
    public const int TracingRandomSampling = 47;
    public const int TracingServiceForced = 48;
    public const int TracingClientEnabled = 49;
    public const int TracingNotTraceable = 50;
    public const int TracingHealthCheck = 51;
    public const int DownstreamCxActive = 52;
    public const int DownstreamCxHttp1Active = 53;
    public const int DownstreamCxHttp2Active = 54;
    public const int DownstreamCxUpgradesActive = 55;
    public const int DownstreamCxRxBytesBuffered = 56;
    public const int DownstreamCxTxBytesBuffered = 57;
    public const int DownstreamRqActive = 58;

    /// <summary>Offset of <c>downstream_rq_1xx</c>; add (status / 100 - 1).</summary>
    public const int DownstreamRq1xx = 59;
    public const int DownstreamRqTime = 64;
    public static readonly int DownstreamCxLengthMs = DownstreamRqTime + HistogramLayout.Slots;

    private static readonly StatDefinition[] Table =
    [
        new("downstream_cx_total", StatKind.Counter),
        new("downstream_cx_http1_total", StatKind.Counter),
        new("downstream_cx_http2_total", StatKind.Counter),
        new("downstream_cx_destroy", StatKind.Counter),
        new("downstream_cx_destroy_local", StatKind.Counter),
        new("downstream_cx_destroy_remote", StatKind.Counter),
        new("downstream_cx_destroy_active_rq", StatKind.Counter),
        new("downstream_cx_destroy_local_active_rq", StatKind.Counter),
        new("downstream_cx_destroy_remote_active_rq", StatKind.Counter),
        new("downstream_cx_rx_bytes_total", StatKind.Counter),
        new("downstream_cx_tx_bytes_total", StatKind.Counter),
        new("downstream_cx_drain_close", StatKind.Counter),
        new("downstream_cx_idle_timeout", StatKind.Counter),
        new("downstream_cx_max_duration_reached", StatKind.Counter),
        new("downstream_cx_max_requests_reached", StatKind.Counter),
        new("downstream_cx_overload_disable_keepalive", StatKind.Counter),
        new("downstream_cx_protocol_error", StatKind.Counter),
        new("downstream_cx_delayed_close_timeout", StatKind.Counter),
        new("downstream_cx_upgrades_total", StatKind.Counter),
        new("downstream_rq_total", StatKind.Counter),
        new("downstream_rq_http1_total", StatKind.Counter),
        new("downstream_rq_http2_total", StatKind.Counter),
        new("downstream_rq_completed", StatKind.Counter),
        new("downstream_rq_timeout", StatKind.Counter),
        new("downstream_rq_header_timeout", StatKind.Counter),
        new("downstream_rq_idle_timeout", StatKind.Counter),
        new("downstream_rq_max_duration_reached", StatKind.Counter),
        new("downstream_rq_rx_reset", StatKind.Counter),
        new("downstream_rq_tx_reset", StatKind.Counter),
        new("downstream_rq_non_relative_path", StatKind.Counter),
        new("downstream_rq_too_large", StatKind.Counter),
        new("downstream_rq_ws_on_non_ws_route", StatKind.Counter),
        new("downstream_rq_overload_close", StatKind.Counter),
        new("downstream_rq_response_before_rq_complete", StatKind.Counter),
        new("downstream_rq_failed_path_normalization", StatKind.Counter),
        new("downstream_rq_rejected_via_ip_detection", StatKind.Counter),
        new("downstream_rq_redirected_with_normalized_path", StatKind.Counter),
        new("rs_too_large", StatKind.Counter),
        new("no_route", StatKind.Counter),
        new("no_cluster", StatKind.Counter),
        new("rq_total", StatKind.Counter),
        new("rq_direct_response", StatKind.Counter),
        new("rq_redirect", StatKind.Counter),
        new("rq_reset_after_downstream_response_started", StatKind.Counter),
        new("passthrough_internal_redirect_no_route", StatKind.Counter),
        new("rq_retry_skipped_request_not_complete", StatKind.Counter),
        new("rq_overload_local_reply", StatKind.Counter),
        new("tracing.random_sampling", StatKind.Counter),
        new("tracing.service_forced", StatKind.Counter),
        new("tracing.client_enabled", StatKind.Counter),
        new("tracing.not_traceable", StatKind.Counter),
        new("tracing.health_check", StatKind.Counter),
        new("downstream_cx_active", StatKind.Gauge),
        new("downstream_cx_http1_active", StatKind.Gauge),
        new("downstream_cx_http2_active", StatKind.Gauge),
        new("downstream_cx_upgrades_active", StatKind.Gauge),
        new("downstream_cx_rx_bytes_buffered", StatKind.Gauge),
        new("downstream_cx_tx_bytes_buffered", StatKind.Gauge),
        new("downstream_rq_active", StatKind.Gauge),
        new("downstream_rq_1xx", StatKind.Counter, "downstream_rq_xx", new StatTag("response_code_class", "1")),
        new("downstream_rq_2xx", StatKind.Counter, "downstream_rq_xx", new StatTag("response_code_class", "2")),
        new("downstream_rq_3xx", StatKind.Counter, "downstream_rq_xx", new StatTag("response_code_class", "3")),
        new("downstream_rq_4xx", StatKind.Counter, "downstream_rq_xx", new StatTag("response_code_class", "4")),
        new("downstream_rq_5xx", StatKind.Counter, "downstream_rq_xx", new StatTag("response_code_class", "5")),
        new("downstream_rq_time", StatKind.Histogram),
        new("downstream_cx_length_ms", StatKind.Histogram),
    ];

    private HttpManagerStats(string prefix)
        : base("http." + prefix + ".", "http_", [new StatTag("http_conn_manager_prefix", prefix.TrimEnd(';'))], Table)
    {
    }

    public static HttpManagerStats Of(StatRegistry registry, string prefix) =>
        registry.GetOrAdd("http." + prefix, () => new HttpManagerStats(prefix));
}
