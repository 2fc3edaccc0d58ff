using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>The words of x-envoy-retry-on and x-envoy-retry-grpc-on; unknown words are ignored, as in Envoy.</summary>
internal static class RetryConditionNames
{
    public static RetryConditions Parse(ReadOnlySpan<byte> list)
    {
        var found = RetryConditions.None;
        while (FieldBytes.NextElement(ref list, out var word))
        {
            if (word.SequenceEqual("5xx"u8)) found |= RetryConditions.ServerError;
            else if (word.SequenceEqual("gateway-error"u8)) found |= RetryConditions.GatewayError;
            else if (word.SequenceEqual("reset"u8)) found |= RetryConditions.Reset;
            else if (word.SequenceEqual("reset-before-request"u8)) found |= RetryConditions.ResetBeforeRequest;
            else if (word.SequenceEqual("connect-failure"u8)) found |= RetryConditions.ConnectFailure;
            else if (word.SequenceEqual("envoy-ratelimited"u8)) found |= RetryConditions.EnvoyRateLimited;
            else if (word.SequenceEqual("retriable-4xx"u8)) found |= RetryConditions.RetriableClientError;
            else if (word.SequenceEqual("refused-stream"u8)) found |= RetryConditions.RefusedStream;
            else if (word.SequenceEqual("retriable-status-codes"u8)) found |= RetryConditions.RetriableStatusCodes;
            else if (word.SequenceEqual("retriable-headers"u8)) found |= RetryConditions.RetriableHeaders;
        }
        return found;
    }

    public static RetryConditions ParseGrpc(ReadOnlySpan<byte> list)
    {
        var found = RetryConditions.None;
        while (FieldBytes.NextElement(ref list, out var word))
        {
            if (word.SequenceEqual("cancelled"u8)) found |= RetryConditions.GrpcCancelled;
            else if (word.SequenceEqual("deadline-exceeded"u8)) found |= RetryConditions.GrpcDeadlineExceeded;
            else if (word.SequenceEqual("internal"u8)) found |= RetryConditions.GrpcInternal;
            else if (word.SequenceEqual("resource-exhausted"u8)) found |= RetryConditions.GrpcResourceExhausted;
            else if (word.SequenceEqual("unavailable"u8)) found |= RetryConditions.GrpcUnavailable;
        }
        return found;
    }

    /// <summary>grpc-status in the response's headers (not its trailers).</summary>
    public static bool MatchesGrpc(RetryConditions on, HeaderBlock response)
    {
        const RetryConditions any = RetryConditions.GrpcCancelled | RetryConditions.GrpcDeadlineExceeded | RetryConditions.GrpcInternal
            | RetryConditions.GrpcResourceExhausted | RetryConditions.GrpcUnavailable;
        if ((on & any) == 0 || !response.TryGet("grpc-status"u8, out var status)) return false;
        var wanted = status switch
        {
            [(byte)'1'] => RetryConditions.GrpcCancelled,
            [(byte)'4'] => RetryConditions.GrpcDeadlineExceeded,
            [(byte)'8'] => RetryConditions.GrpcResourceExhausted,
            [(byte)'1', (byte)'3'] => RetryConditions.GrpcInternal,
            [(byte)'1', (byte)'4'] => RetryConditions.GrpcUnavailable,
            _ => RetryConditions.None,
        };
        return (on & wanted) != 0;
    }
}
