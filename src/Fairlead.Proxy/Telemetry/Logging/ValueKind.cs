namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>The operators of Istio's default format; every other one is a <see cref="WriteValue"/>.</summary>
internal enum ValueKind : byte
{
    /// <summary>No operator.</summary>
    None,

    /// <summary>A delegate knows.</summary>
    Other,
    RequestMethod,
    RequestAuthority,

    /// <summary>The path as the client sent it, rewritten or not: <c>REQ(X-ENVOY-ORIGINAL-PATH?:PATH)</c>.</summary>
    RequestOriginalPath,
    RequestHeader,
    ResponseHeader,
    Protocol,
    ResponseCode,
    ResponseFlags,
    ResponseCodeDetails,
    ConnectionTerminationDetails,
    UpstreamTransportFailureReason,
    BytesReceived,
    BytesSent,
    Duration,
    StartTime,
    UpstreamHost,
    UpstreamClusterRaw,
    UpstreamLocalAddress,
    DownstreamLocalAddress,
    DownstreamRemoteAddress,
    RequestedServerName,
    RouteName,
}
