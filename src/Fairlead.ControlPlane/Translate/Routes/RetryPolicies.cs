using System.Globalization;
using Envoy.Config.Route.V3;
using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Translate.Routes;

/// <summary>Retry policies on the wire (Istio, <c>route/retry/retry.go</c>).</summary>
internal static class RetryPolicies
{
    /// <summary>What is retried when nothing is said; answers of the server, 503 among them, are not.</summary>
    public const string DefaultConditions = "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";

    private const string StatusCodes = "retriable-status-codes";

    /// <summary>Times that a host is chosen again when it was tried already.</summary>
    private const int HostSelectionAttempts = 5;

    public static HttpRetry BuiltIn { get; } = new(2);

    public static RetryPolicy Build(HttpRetry retry)
    {
        var policy = new RetryPolicy
        {
            RetryOn = DefaultConditions,
            NumRetries = (uint)retry.Attempts,
            HostSelectionRetryMaxAttempts = HostSelectionAttempts,
        };
        if (retry.RetryIgnorePreviousHosts ?? true)
        {
            policy.RetryHostPredicate.Add(new RetryPolicy.Types.RetryHostPredicate
            {
                Name = "envoy.retry_host_predicates.previous_hosts",
                TypedConfig = TypedConfig.Empty("envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"),
            });
        }

        if (retry.RetryOn.Length > 0)
            SetConditions(policy, retry.RetryOn);
        if (retry.PerTryTimeout is { } perTry)
            policy.PerTryTimeout = Durations.Of(perTry);
        if (retry.Backoff is { } backoff)
            policy.RetryBackOff = new RetryPolicy.Types.RetryBackOff { BaseInterval = Durations.Of(backoff) };
        return policy;
    }

    /// <summary>Numbers are status codes of answers; they need the condition that looks at them.</summary>
    private static void SetConditions(RetryPolicy policy, string retryOn)
    {
        var conditions = new List<string>();
        foreach (var token in retryOn.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (uint.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
                policy.RetriableStatusCodes.Add(code);
            else
                conditions.Add(token);
        }

        if (policy.RetriableStatusCodes.Count > 0 && !conditions.Contains(StatusCodes))
            conditions.Add(StatusCodes);
        policy.RetryOn = string.Join(',', conditions);
    }
}
