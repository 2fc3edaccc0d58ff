namespace Fairlead.Proxy.Tcp;

/// <summary>Why this side closed a connection of the TCP proxy, in Envoy's words (stream_info.h, LocalCloseReasonValues; its spelling is kept).</summary>
internal static class LocalCloseReason
{
    public static readonly byte[] IdleTimeout = "tcp_session_idle_timeout"u8.ToArray();
    public static readonly byte[] MaxDuration = "max_connection_duration_reached"u8.ToArray();
    public static readonly byte[] DownstreamClosedHere = "closing_upstream_tcp_connection_due_to_downstream_local_close"u8.ToArray();
    public static readonly byte[] DownstreamReset = "closing_upstream_tcp_connection_due_to_downstream_reset_close"u8.ToArray();

    // The numbers of Envoy's UpstreamFailureReason.
    public static readonly byte[] ConnectFailed = "tcp_initializion_failure:0"u8.ToArray();
    public static readonly byte[] NoHealthyUpstream = "tcp_initializion_failure:1"u8.ToArray();
    public static readonly byte[] ResourceLimitExceeded = "tcp_initializion_failure:2"u8.ToArray();
    public static readonly byte[] NoRoute = "tcp_initializion_failure:3"u8.ToArray();
}
