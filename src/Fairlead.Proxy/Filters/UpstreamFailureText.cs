using System.Collections.Concurrent;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Filters;

/// <summary>Envoy's words for upstream failures: reply body, details, transport failure reason. Made once per (failure, errno).</summary>
internal sealed class UpstreamFailureText
{
    // The key space is small: eight failures times the errnos of connect.
    private static readonly ConcurrentDictionary<(UpstreamFailure, int, bool), UpstreamFailureText> Known = new();

    private UpstreamFailureText(UpstreamFailure failure, int errno, bool responseStarted)
    {
        var reason = Reason(failure);
        var transport = errno == 0 ? null : failure == UpstreamFailure.LocalConnectionFailure ? $"immediate connect error: {errno}" : $"delayed connect error: {errno}";
        var suffix = reason + (transport is null ? string.Empty : ", transport failure reason: " + transport);
        Body = Bytes("upstream connect error or disconnect/reset before headers. reset reason: " + suffix);
        BodyAfterRetry = Bytes("upstream connect error or disconnect/reset before headers. retried and the latest reset reason: " + suffix);
        var place = responseStarted ? "upstream_reset_after_response_started" : "upstream_reset_before_response_started";
        Details = Bytes($"{place}{{{reason}{(transport is null ? string.Empty : "," + transport)}}}".Replace(' ', '_'));
        TransportFailureReason = transport is null ? null : Bytes(transport);
    }

    public byte[] Body { get; }

    public byte[] BodyAfterRetry { get; }

    public byte[] Details { get; }

    public byte[]? TransportFailureReason { get; }

    public static UpstreamFailureText Of(UpstreamFailure failure, int errno, bool responseStarted) =>
        Known.TryGetValue((failure, errno, responseStarted), out var text)
            ? text
            : Known.GetOrAdd((failure, errno, responseStarted), static key => new UpstreamFailureText(key.Item1, key.Item2, key.Item3));

    public static ResponseFlag Flag(UpstreamFailure failure) => failure switch
    {
        UpstreamFailure.LocalConnectionFailure or UpstreamFailure.RemoteConnectionFailure or UpstreamFailure.ConnectionTimeout => ResponseFlag.UpstreamConnectionFailure,
        UpstreamFailure.ConnectionTermination => ResponseFlag.UpstreamConnectionTermination,
        UpstreamFailure.LocalReset => ResponseFlag.LocalReset,
        UpstreamFailure.Overflow => ResponseFlag.UpstreamOverflow,
        UpstreamFailure.ProtocolError => ResponseFlag.UpstreamProtocolError,
        _ => ResponseFlag.UpstreamRemoteReset,
    };

    private static string Reason(UpstreamFailure failure) => failure switch
    {
        UpstreamFailure.LocalConnectionFailure => "local connection failure",
        UpstreamFailure.RemoteConnectionFailure => "remote connection failure",
        UpstreamFailure.ConnectionTimeout => "connection timeout",
        UpstreamFailure.ConnectionTermination => "connection termination",
        UpstreamFailure.LocalReset => "local reset",
        UpstreamFailure.Overflow => "overflow",
        UpstreamFailure.ProtocolError => "protocol error",
        UpstreamFailure.PrematureHalfClose => "HTTP/1 premature upstream half close",
        _ => throw new ArgumentOutOfRangeException(nameof(failure)),
    };

    private static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);
}
