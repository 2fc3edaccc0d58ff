using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>The words of x-envoy-retry-on and x-envoy-retry-grpc-on; unknown words are ignored, as in Envoy.</summary>
internal static class RetryConditionNames
{
    public static RetryConditions Parse(ReadOnlySpan<byte> list)
    {
        var found = RetryConditions.None;
        while (FieldBytes.NextElement(ref list, out var word)) found |= Of(word);
        return found;
    }

    public static RetryConditions ParseGrpc(ReadOnlySpan<byte> list)
    {
        var found = RetryConditions.None;
        while (FieldBytes.NextElement(ref list, out var word)) found |= OfGrpc(word);
        return found;
    }

    /// <summary>No word of the list would be ignored.</summary>
    public static bool AreKnown(ReadOnlySpan<byte> list)
    {
        while (FieldBytes.NextElement(ref list, out var word))
        {
            if (Of(word) == RetryConditions.None) return false;
        }
        return true;
    }

    public static bool AreKnownGrpc(ReadOnlySpan<byte> list)
    {
        while (FieldBytes.NextElement(ref list, out var word))
        {
            if (OfGrpc(word) == RetryConditions.None) return false;
        }
        return true;
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

    private static RetryConditions Of(ReadOnlySpan<byte> word)
    {
        if (word.SequenceEqual("5xx"u8)) return RetryConditions.ServerError;
        if (word.SequenceEqual("gateway-error"u8)) return RetryConditions.GatewayError;
        if (word.SequenceEqual("reset"u8)) return RetryConditions.Reset;
        if (word.SequenceEqual("reset-before-request"u8)) return RetryConditions.ResetBeforeRequest;
        if (word.SequenceEqual("connect-failure"u8)) return RetryConditions.ConnectFailure;
        if (word.SequenceEqual("envoy-ratelimited"u8)) return RetryConditions.EnvoyRateLimited;
        if (word.SequenceEqual("retriable-4xx"u8)) return RetryConditions.RetriableClientError;
        if (word.SequenceEqual("refused-stream"u8)) return RetryConditions.RefusedStream;
        if (word.SequenceEqual("retriable-status-codes"u8)) return RetryConditions.RetriableStatusCodes;
        return word.SequenceEqual("retriable-headers"u8) ? RetryConditions.RetriableHeaders : RetryConditions.None;
    }

    private static RetryConditions OfGrpc(ReadOnlySpan<byte> word)
    {
        if (word.SequenceEqual("cancelled"u8)) return RetryConditions.GrpcCancelled;
        if (word.SequenceEqual("deadline-exceeded"u8)) return RetryConditions.GrpcDeadlineExceeded;
        if (word.SequenceEqual("internal"u8)) return RetryConditions.GrpcInternal;
        if (word.SequenceEqual("resource-exhausted"u8)) return RetryConditions.GrpcResourceExhausted;
        return word.SequenceEqual("unavailable"u8) ? RetryConditions.GrpcUnavailable : RetryConditions.None;
    }
}
