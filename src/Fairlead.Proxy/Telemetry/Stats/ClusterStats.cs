namespace Fairlead.Proxy.Telemetry.Stats;

/// <summary>The cluster.NAME. tree. Constants are offsets for <see cref="StatShard"/>.</summary>
internal sealed class ClusterStats : StatGroup
{
    public const int UpstreamCxTotal = 0;
    public const int UpstreamCxHttp1Total = 1;
    public const int UpstreamCxHttp2Total = 2;
    public const int UpstreamCxConnectFail = 3;
    public const int UpstreamCxConnectTimeout = 4;
    public const int UpstreamCxConnectAttemptsExceeded = 5;
    public const int UpstreamCxIdleTimeout = 6;
    public const int UpstreamCxMaxDurationReached = 7;
    public const int UpstreamCxOverflow = 8;
    public const int UpstreamCxPoolOverflow = 9;
    public const int UpstreamCxDestroy = 10;
    public const int UpstreamCxDestroyLocal = 11;
    public const int UpstreamCxDestroyRemote = 12;
    public const int UpstreamCxDestroyWithActiveRq = 13;
    public const int UpstreamCxDestroyLocalWithActiveRq = 14;
    public const int UpstreamCxDestroyRemoteWithActiveRq = 15;
    public const int UpstreamCxCloseNotify = 16;
    public const int UpstreamCxRxBytesTotal = 17;
    public const int UpstreamCxTxBytesTotal = 18;
    public const int UpstreamCxProtocolError = 19;
    public const int UpstreamCxMaxRequests = 20;
    public const int UpstreamCxNoneHealthy = 21;
    public const int UpstreamRqTotal = 22;
    public const int UpstreamRqCompleted = 23;
    public const int UpstreamRqPendingTotal = 24;
    public const int UpstreamRqPendingOverflow = 25;
    public const int UpstreamRqPendingFailureEject = 26;
    public const int UpstreamRqCancelled = 27;
    public const int UpstreamRqMaintenanceMode = 28;
    public const int UpstreamRqTimeout = 29;
    public const int UpstreamRqMaxDurationReached = 30;
    public const int UpstreamRqPerTryTimeout = 31;
    public const int UpstreamRqPerTryIdleTimeout = 32;
    public const int UpstreamRqRxReset = 33;
    public const int UpstreamRqTxReset = 34;
    public const int UpstreamRqRetry = 35;
    public const int UpstreamRqRetryLimitExceeded = 36;
    public const int UpstreamRqRetrySuccess = 37;
    public const int UpstreamRqRetryOverflow = 38;
    public const int UpstreamRqRetryBackoffExponential = 39;
    public const int UpstreamInternalRedirectFailedTotal = 40;
    public const int UpstreamInternalRedirectSucceededTotal = 41;
    public const int BindErrors = 42;
    public const int LbHealthyPanic = 43;
    public const int MembershipChange = 44;
    public const int UpdateAttempt = 45;
    public const int UpdateSuccess = 46;
    public const int UpdateFailure = 47;
    public const int UpdateEmpty = 48;
    public const int UpdateNoRebuild = 49;
    public const int AssignmentTimeoutReceived = 50;
    public const int AssignmentStale = 51;
    public const int OriginalDstHostInvalid = 52;
    public const int UpstreamCxActive = 53;
    public const int UpstreamCxRxBytesBuffered = 54;
    public const int UpstreamCxTxBytesBuffered = 55;
    public const int UpstreamRqActive = 56;
    public const int UpstreamRqPendingActive = 57;
    public const int MembershipHealthy = 58;
    public const int MembershipDegraded = 59;
    public const int MembershipExcluded = 60;
    public const int MembershipTotal = 61;
    public const int CircuitBreakersDefaultCxOpen = 62;
    public const int CircuitBreakersDefaultCxPoolOpen = 63;
    public const int CircuitBreakersDefaultRqPendingOpen = 64;
    public const int CircuitBreakersDefaultRqOpen = 65;
    public const int CircuitBreakersDefaultRqRetryOpen = 66;
    public const int CircuitBreakersDefaultRemainingCx = 67;
    public const int CircuitBreakersDefaultRemainingPending = 68;
    public const int CircuitBreakersDefaultRemainingRq = 69;
    public const int CircuitBreakersDefaultRemainingRetries = 70;
    public const int CircuitBreakersHighCxOpen = 71;
    public const int CircuitBreakersHighCxPoolOpen = 72;
    public const int CircuitBreakersHighRqPendingOpen = 73;
    public const int CircuitBreakersHighRqOpen = 74;
    public const int CircuitBreakersHighRqRetryOpen = 75;

    /// <summary>Offset of <c>upstream_rq_1xx</c>; add (status / 100 - 1).</summary>
    public const int UpstreamRq1xx = 76;
    public const int UpstreamRqTime = 81;
    public static readonly int UpstreamCxConnectMs = UpstreamRqTime + HistogramLayout.Slots;
    public static readonly int UpstreamCxLengthMs = UpstreamCxConnectMs + HistogramLayout.Slots;

    private static readonly StatDefinition[] Table =
    [
        new("upstream_cx_total", StatKind.Counter),
        new("upstream_cx_http1_total", StatKind.Counter),
        new("upstream_cx_http2_total", StatKind.Counter),
        new("upstream_cx_connect_fail", StatKind.Counter),
        new("upstream_cx_connect_timeout", StatKind.Counter),
        new("upstream_cx_connect_attempts_exceeded", StatKind.Counter),
        new("upstream_cx_idle_timeout", StatKind.Counter),
        new("upstream_cx_max_duration_reached", StatKind.Counter),
        new("upstream_cx_overflow", StatKind.Counter),
        new("upstream_cx_pool_overflow", StatKind.Counter),
        new("upstream_cx_destroy", StatKind.Counter),
        new("upstream_cx_destroy_local", StatKind.Counter),
        new("upstream_cx_destroy_remote", StatKind.Counter),
        new("upstream_cx_destroy_with_active_rq", StatKind.Counter),
        new("upstream_cx_destroy_local_with_active_rq", StatKind.Counter),
        new("upstream_cx_destroy_remote_with_active_rq", StatKind.Counter),
        new("upstream_cx_close_notify", StatKind.Counter),
        new("upstream_cx_rx_bytes_total", StatKind.Counter),
        new("upstream_cx_tx_bytes_total", StatKind.Counter),
        new("upstream_cx_protocol_error", StatKind.Counter),
        new("upstream_cx_max_requests", StatKind.Counter),
        new("upstream_cx_none_healthy", StatKind.Counter),
        new("upstream_rq_total", StatKind.Counter),
        new("upstream_rq_completed", StatKind.Counter),
        new("upstream_rq_pending_total", StatKind.Counter),
        new("upstream_rq_pending_overflow", StatKind.Counter),
        new("upstream_rq_pending_failure_eject", StatKind.Counter),
        new("upstream_rq_cancelled", StatKind.Counter),
        new("upstream_rq_maintenance_mode", StatKind.Counter),
        new("upstream_rq_timeout", StatKind.Counter),
        new("upstream_rq_max_duration_reached", StatKind.Counter),
        new("upstream_rq_per_try_timeout", StatKind.Counter),
        new("upstream_rq_per_try_idle_timeout", StatKind.Counter),
        new("upstream_rq_rx_reset", StatKind.Counter),
        new("upstream_rq_tx_reset", StatKind.Counter),
        new("upstream_rq_retry", StatKind.Counter),
        new("upstream_rq_retry_limit_exceeded", StatKind.Counter),
        new("upstream_rq_retry_success", StatKind.Counter),
        new("upstream_rq_retry_overflow", StatKind.Counter),
        new("upstream_rq_retry_backoff_exponential", StatKind.Counter),
        new("upstream_internal_redirect_failed_total", StatKind.Counter),
        new("upstream_internal_redirect_succeeded_total", StatKind.Counter),
        new("bind_errors", StatKind.Counter),
        new("lb_healthy_panic", StatKind.Counter),
        new("membership_change", StatKind.Counter),
        new("update_attempt", StatKind.Counter),
        new("update_success", StatKind.Counter),
        new("update_failure", StatKind.Counter),
        new("update_empty", StatKind.Counter),
        new("update_no_rebuild", StatKind.Counter),
        new("assignment_timeout_received", StatKind.Counter),
        new("assignment_stale", StatKind.Counter),
        new("original_dst_host_invalid", StatKind.Counter),
        new("upstream_cx_active", StatKind.Gauge),
        new("upstream_cx_rx_bytes_buffered", StatKind.Gauge),
        new("upstream_cx_tx_bytes_buffered", StatKind.Gauge),
        new("upstream_rq_active", StatKind.Gauge),
        new("upstream_rq_pending_active", StatKind.Gauge),
        new("membership_healthy", StatKind.Gauge),
        new("membership_degraded", StatKind.Gauge),
        new("membership_excluded", StatKind.Gauge),
        new("membership_total", StatKind.Gauge),
        new("circuit_breakers.default.cx_open", StatKind.Gauge),
        new("circuit_breakers.default.cx_pool_open", StatKind.Gauge),
        new("circuit_breakers.default.rq_pending_open", StatKind.Gauge),
        new("circuit_breakers.default.rq_open", StatKind.Gauge),
        new("circuit_breakers.default.rq_retry_open", StatKind.Gauge),
        new("circuit_breakers.default.remaining_cx", StatKind.Gauge),
        new("circuit_breakers.default.remaining_pending", StatKind.Gauge),
        new("circuit_breakers.default.remaining_rq", StatKind.Gauge),
        new("circuit_breakers.default.remaining_retries", StatKind.Gauge),
        new("circuit_breakers.high.cx_open", StatKind.Gauge),
        new("circuit_breakers.high.cx_pool_open", StatKind.Gauge),
        new("circuit_breakers.high.rq_pending_open", StatKind.Gauge),
        new("circuit_breakers.high.rq_open", StatKind.Gauge),
        new("circuit_breakers.high.rq_retry_open", StatKind.Gauge),
        new("upstream_rq_1xx", StatKind.Counter, "upstream_rq_xx", new StatTag("response_code_class", "1")),
        new("upstream_rq_2xx", StatKind.Counter, "upstream_rq_xx", new StatTag("response_code_class", "2")),
        new("upstream_rq_3xx", StatKind.Counter, "upstream_rq_xx", new StatTag("response_code_class", "3")),
        new("upstream_rq_4xx", StatKind.Counter, "upstream_rq_xx", new StatTag("response_code_class", "4")),
        new("upstream_rq_5xx", StatKind.Counter, "upstream_rq_xx", new StatTag("response_code_class", "5")),
        new("upstream_rq_time", StatKind.Histogram),
        new("upstream_cx_connect_ms", StatKind.Histogram),
        new("upstream_cx_length_ms", StatKind.Histogram),
    ];

    private readonly StatRegistry _registry;
    private volatile StatGroup?[]? _codes;

    private ClusterStats(StatRegistry registry, string statName)
        : base("cluster." + statName + ".", "cluster_", [new StatTag("cluster_name", statName.TrimEnd(';'))], Table)
    {
        _registry = registry;
    }

    public static ClusterStats Of(StatRegistry registry, string statName) =>
        registry.GetOrAdd("cluster." + statName, () => new ClusterStats(registry, statName));

    /// <summary>The group of <c>upstream_rq_CODE</c> (offset 0); made at the first response with that status.</summary>
    public StatGroup Code(int status)
    {
        var codes = _codes ??= new StatGroup?[500];
        var index = Math.Clamp(status, 100, 599) - 100;
        return codes[index] ??= AddCode(index + 100);
    }

    private StatGroup AddCode(int status) => _registry.GetOrAdd(
        TextPrefix + status,
        () => new StatGroup(
            TextPrefix,
            PrometheusPrefix,
            [.. Tags],
            [new StatDefinition("upstream_rq_" + status, StatKind.Counter, "upstream_rq", new StatTag("response_code", status.ToString()))]));
}
