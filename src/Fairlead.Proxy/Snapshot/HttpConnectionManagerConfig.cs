using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Snapshot;

/// <summary>
/// A compiled HTTP connection manager (envoy.extensions.filters.network.http_connection_manager.v3). Terminal.
/// Timeouts: <see cref="TimeSpan.Zero"/> = off.
/// </summary>
internal sealed class HttpConnectionManagerConfig : NetworkFilterConfig
{
    public required string StatPrefix { get; init; }

    public required HttpCodecType Codec { get; init; }

    /// <summary>RDS name, or null when <see cref="InlineRoutes"/> is set. See <see cref="ProxySnapshot.Routes"/>.</summary>
    public string? RouteConfigName { get; init; }

    /// <summary>The file that holds that route table; null = it comes by ADS.</summary>
    public string? RouteConfigFile { get; init; }

    public RouteTable? InlineRoutes { get; init; }

    /// <summary>In the order of the resource; the router is last.</summary>
    public required IReadOnlyList<HttpFilterConfig> Filters { get; init; }

    /// <summary>Value of the server header, UTF-8 ("envoy" when the resource gives none).</summary>
    public required byte[] ServerName { get; init; }

    public required ServerHeaderMode ServerHeader { get; init; }

    /// <summary>Overwrites :scheme and x-forwarded-proto's default; null = unchanged.</summary>
    public byte[]? SchemeOverwrite { get; init; }

    public TimeSpan StreamIdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan RequestTimeout { get; init; }

    public TimeSpan RequestHeadersTimeout { get; init; }

    public TimeSpan DelayedCloseTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Of a downstream connection without streams.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan MaxConnectionDuration { get; init; }

    public TimeSpan MaxStreamDuration { get; init; }

    /// <summary>Requests on one downstream connection; null = no limit.</summary>
    public int? MaxRequestsPerConnection { get; init; }

    /// <summary>Request line and headers, bytes.</summary>
    public int MaxRequestHeaderBytes { get; init; } = 60 * 1024;

    public int MaxHeaders { get; init; } = 100;

    public UnderscoreMode Underscores { get; init; }

    public required IReadOnlyList<AccessLogConfig> AccessLogs { get; init; }

    public bool UseRemoteAddress { get; init; }

    public int XffTrustedHops { get; init; }

    public bool SkipXffAppend { get; init; }

    /// <summary>x-forwarded-client-cert passes as it came (ALWAYS_FORWARD_ONLY); else it goes, as no client here shows a certificate.</summary>
    public bool KeepClientCertHeader { get; init; }

    public bool AppendXForwardedPort { get; init; }

    /// <summary>Peers and XFF addresses inside these prefixes make a request internal. Empty = none (Envoy since 1.33).</summary>
    public IReadOnlyList<FilterChainMatch.AddressPrefix> InternalAddresses { get; init; } = [];

    /// <summary>Value added to the via header; null = none.</summary>
    public byte[]? Via { get; init; }

    public bool GenerateRequestId { get; init; } = true;

    public bool PreserveExternalRequestId { get; init; }

    public bool AlwaysSetRequestIdInResponse { get; init; }

    /// <summary>Write the sampling decision into character 14 of x-request-id.</summary>
    public bool PackTraceReason { get; init; } = true;

    /// <summary>Use an id that came with the request for the sampling decision.</summary>
    public bool UseRequestIdForTraceSampling { get; init; } = true;

    /// <summary>Null = no tracing: the request id's digit stays as it is.</summary>
    public TracingConfig? Tracing { get; init; }

    public bool Proxy100Continue { get; init; }

    /// <summary>Upgrade types in lower case ("websocket") that are enabled for routes that say nothing.</summary>
    public IReadOnlyList<UpgradeSetting> Upgrades { get; init; } = [];

    public bool NormalizePath { get; init; }

    public bool MergeSlashes { get; init; }

    public EscapedSlashesMode EscapedSlashes { get; init; } = EscapedSlashesMode.KeepUnchanged;

    public StripPortMode StripPort { get; init; }

    public bool StripTrailingHostDot { get; init; }

    // HTTP/1
    public bool AcceptHttp10 { get; init; }

    public byte[]? DefaultHostForHttp10 { get; init; }

    public bool AllowAbsoluteUrl { get; init; } = true;

    public bool EnableTrailers { get; init; }

    public bool AllowChunkedLength { get; init; }

    public HeaderCase HeaderCase { get; init; }

    /// <summary>Answer an invalid message with 400 and keep going where the codec can, instead of closing.</summary>
    public bool StreamErrorOnInvalidMessage { get; init; }

    public LocalReplyConfig LocalReply { get; init; } = LocalReplyConfig.None;

    public required HttpManagerStats Stats { get; init; }

    public override bool IsTerminal => true;
}
