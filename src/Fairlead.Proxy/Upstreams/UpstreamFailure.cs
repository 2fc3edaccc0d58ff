namespace Fairlead.Proxy.Upstreams;

/// <summary>Why an upstream attempt ended without a response (Envoy's StreamResetReason, those that HTTP/1.1 and TCP can meet).</summary>
internal enum UpstreamFailure : byte
{
    None,
    LocalConnectionFailure,
    RemoteConnectionFailure,
    ConnectionTimeout,
    ConnectionTermination,
    LocalReset,
    Overflow,
    ProtocolError,
    PrematureHalfClose,
}
