using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Snapshot;

/// <summary>A compiled TCP proxy filter (envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy). Terminal.</summary>
internal sealed class TcpProxyConfig : NetworkFilterConfig
{
    /// <summary>Envoy's default idle_timeout.</summary>
    public static readonly TimeSpan DefaultIdleTimeout = TimeSpan.FromHours(1);

    public required string StatPrefix { get; init; }

    public required ClusterSelection Clusters { get; init; }

    /// <summary><see cref="TimeSpan.Zero"/> = off.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary><see cref="TimeSpan.Zero"/> = off.</summary>
    public required TimeSpan MaxDownstreamConnectionDuration { get; init; }

    /// <summary>At least 1.</summary>
    public required int MaxConnectAttempts { get; init; }

    public required IReadOnlyList<AccessLogConfig> AccessLogs { get; init; }

    /// <summary><see cref="TimeSpan.Zero"/> = one line at the end only.</summary>
    public TimeSpan AccessLogFlushInterval { get; init; }

    public bool FlushAccessLogOnConnected { get; init; }

    public bool FlushAccessLogOnStart { get; init; }

    public required TcpProxyStats Stats { get; init; }

    public override bool IsTerminal => true;
}
