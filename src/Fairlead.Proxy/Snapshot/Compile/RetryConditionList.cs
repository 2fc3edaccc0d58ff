namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>The comma-separated names of retry_on. Unknown names are refused in configuration; Envoy ignores them in headers.</summary>
internal static class RetryConditionList
{
    public static RetryConditions Parse(string text, string path)
    {
        var conditions = RetryConditions.None;
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            conditions |= One(name) ?? throw new ConfigException(path, $"'{name}' is not a retry condition");
        }
        return conditions;
    }

    private static RetryConditions? One(string name) => name switch
    {
        "5xx" => RetryConditions.ServerError,
        "gateway-error" => RetryConditions.GatewayError,
        "reset" => RetryConditions.Reset,
        "reset-before-request" => RetryConditions.ResetBeforeRequest,
        "connect-failure" => RetryConditions.ConnectFailure,
        "envoy-ratelimited" => RetryConditions.EnvoyRateLimited,
        "retriable-4xx" => RetryConditions.RetriableClientError,
        "refused-stream" => RetryConditions.RefusedStream,
        "retriable-status-codes" => RetryConditions.RetriableStatusCodes,
        "retriable-headers" => RetryConditions.RetriableHeaders,
        "http3-post-connect-failure" => RetryConditions.Http3PostConnectFailure,
        "cancelled" => RetryConditions.GrpcCancelled,
        "deadline-exceeded" => RetryConditions.GrpcDeadlineExceeded,
        "internal" => RetryConditions.GrpcInternal,
        "resource-exhausted" => RetryConditions.GrpcResourceExhausted,
        "unavailable" => RetryConditions.GrpcUnavailable,
        _ => null,
    };
}
