namespace Fairlead.Proxy.Telemetry.Stats;

/// <summary>The listener.ADDRESS. tree. Constants are offsets for <see cref="StatShard"/>.</summary>
internal sealed class ListenerStats : StatGroup
{
    public const int DownstreamCxTotal = 0;
    public const int DownstreamCxDestroy = 1;
    public const int DownstreamCxOverflow = 2;
    public const int DownstreamCxOverloadReject = 3;
    public const int DownstreamGlobalCxOverflow = 4;
    public const int DownstreamCxTransportSocketConnectTimeout = 5;
    public const int DownstreamPreCxTimeout = 6;
    public const int NoFilterChainMatch = 7;
    public const int DownstreamListenerFilterRemoteClose = 8;
    public const int DownstreamListenerFilterError = 9;
    public const int TlsInspectorConnectionClosed = 10;
    public const int TlsInspectorClientHelloTooLarge = 11;
    public const int TlsInspectorTlsFound = 12;
    public const int TlsInspectorTlsNotFound = 13;
    public const int TlsInspectorAlpnFound = 14;
    public const int TlsInspectorAlpnNotFound = 15;
    public const int TlsInspectorSniFound = 16;
    public const int TlsInspectorSniNotFound = 17;
    public const int HttpInspectorHttp10Found = 18;
    public const int HttpInspectorHttp11Found = 19;
    public const int HttpInspectorHttp2Found = 20;
    public const int HttpInspectorHttpNotFound = 21;
    public const int HttpInspectorReadError = 22;
    public const int DownstreamCxActive = 23;
    public const int DownstreamPreCxActive = 24;
    public const int DownstreamCxLengthMs = 25;

    private static readonly StatDefinition[] Table =
    [
        new("downstream_cx_total", StatKind.Counter),
        new("downstream_cx_destroy", StatKind.Counter),
        new("downstream_cx_overflow", StatKind.Counter),
        new("downstream_cx_overload_reject", StatKind.Counter),
        new("downstream_global_cx_overflow", StatKind.Counter),
        new("downstream_cx_transport_socket_connect_timeout", StatKind.Counter),
        new("downstream_pre_cx_timeout", StatKind.Counter),
        new("no_filter_chain_match", StatKind.Counter),
        new("downstream_listener_filter_remote_close", StatKind.Counter),
        new("downstream_listener_filter_error", StatKind.Counter),
        new("tls_inspector.connection_closed", StatKind.Counter),
        new("tls_inspector.client_hello_too_large", StatKind.Counter),
        new("tls_inspector.tls_found", StatKind.Counter),
        new("tls_inspector.tls_not_found", StatKind.Counter),
        new("tls_inspector.alpn_found", StatKind.Counter),
        new("tls_inspector.alpn_not_found", StatKind.Counter),
        new("tls_inspector.sni_found", StatKind.Counter),
        new("tls_inspector.sni_not_found", StatKind.Counter),
        new("http_inspector.http10_found", StatKind.Counter),
        new("http_inspector.http11_found", StatKind.Counter),
        new("http_inspector.http2_found", StatKind.Counter),
        new("http_inspector.http_not_found", StatKind.Counter),
        new("http_inspector.read_error", StatKind.Counter),
        new("downstream_cx_active", StatKind.Gauge),
        new("downstream_pre_cx_active", StatKind.Gauge),
        new("downstream_cx_length_ms", StatKind.Histogram),
    ];

    private ListenerStats(string name)
        : base("listener." + name + ".", "listener_", [new StatTag("listener_address", name.TrimEnd(';'))], Table)
    {
    }

    /// <param name="registry">Where the group lives.</param>
    /// <param name="name">stat_prefix, else the address with ':' as '_'.</param>
    public static ListenerStats Of(StatRegistry registry, string name) =>
        registry.GetOrAdd("listener." + name, () => new ListenerStats(name));
}
