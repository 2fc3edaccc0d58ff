namespace Fairlead.Proxy.Telemetry.Stats;

/// <summary>The tcp.PREFIX. tree. Constants are offsets for <see cref="StatShard"/>.</summary>
internal sealed class TcpProxyStats : StatGroup
{
    public const int DownstreamCxTotal = 0;
    public const int DownstreamCxNoRoute = 1;
    public const int DownstreamCxRxBytesTotal = 2;
    public const int DownstreamCxTxBytesTotal = 3;
    public const int DownstreamFlowControlPausedReadingTotal = 4;
    public const int DownstreamFlowControlResumedReadingTotal = 5;
    public const int IdleTimeout = 6;
    public const int MaxDownstreamConnectionDuration = 7;
    public const int UpstreamFlushTotal = 8;
    public const int DownstreamCxRxBytesBuffered = 9;
    public const int DownstreamCxTxBytesBuffered = 10;
    public const int UpstreamFlushActive = 11;

    private static readonly StatDefinition[] Table =
    [
        new("downstream_cx_total", StatKind.Counter),
        new("downstream_cx_no_route", StatKind.Counter),
        new("downstream_cx_rx_bytes_total", StatKind.Counter),
        new("downstream_cx_tx_bytes_total", StatKind.Counter),
        new("downstream_flow_control_paused_reading_total", StatKind.Counter),
        new("downstream_flow_control_resumed_reading_total", StatKind.Counter),
        new("idle_timeout", StatKind.Counter),
        new("max_downstream_connection_duration", StatKind.Counter),
        new("upstream_flush_total", StatKind.Counter),
        new("downstream_cx_rx_bytes_buffered", StatKind.Gauge),
        new("downstream_cx_tx_bytes_buffered", StatKind.Gauge),
        new("upstream_flush_active", StatKind.Gauge),
    ];

    private TcpProxyStats(string prefix)
        : base("tcp." + prefix + ".", "tcp_", [new StatTag("tcp_prefix", prefix.TrimEnd(';'))], Table)
    {
    }

    public static TcpProxyStats Of(StatRegistry registry, string prefix) =>
        registry.GetOrAdd("tcp." + prefix, () => new TcpProxyStats(prefix));
}
