using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Upstreams;

/// <summary>
/// What one cluster has in use at one priority, over all workers: the exception to shared-nothing, as Envoy's limits are per
/// cluster. Check and increment are separate steps on purpose (Envoy's are too): under a race the limit may be overshot by
/// the number of workers, never undershot for ever.
/// </summary>
internal sealed class CircuitBreaker
{
    private long _connections, _pending, _requests, _retries;
    private CircuitBreakerLimits _limits;

    public CircuitBreaker(CircuitBreakerLimits limits) => _limits = limits;

    public CircuitBreakerLimits Limits => Volatile.Read(ref _limits);

    public long Connections => Interlocked.Read(ref _connections);

    public long Pending => Interlocked.Read(ref _pending);

    public long Requests => Interlocked.Read(ref _requests);

    public long Retries => Interlocked.Read(ref _retries);

    public bool CanConnect => Connections < Limits.MaxConnections;

    public bool CanQueue => Pending < Limits.MaxPendingRequests;

    public bool CanRequest => Requests < Limits.MaxRequests;

    /// <summary>A retry is allowed under the budget where one is set (percent of active and pending), else under max_retries.</summary>
    public bool CanRetry
    {
        get
        {
            var limits = Limits;
            if (limits.RetryBudgetPercent is not { } percent) return Retries < limits.MaxRetries;
            var allowed = Math.Max(limits.RetryBudgetMinConcurrency, (long)((Requests + Pending) * percent / 100));
            return Retries < allowed;
        }
    }

    public void Adopt(CircuitBreakerLimits limits) => Volatile.Write(ref _limits, limits);

    public void AddConnection(int delta) => Check(Interlocked.Add(ref _connections, delta), "connections");

    public void AddPending(int delta) => Check(Interlocked.Add(ref _pending, delta), "pending requests");

    public void AddRequest(int delta) => Check(Interlocked.Add(ref _requests, delta), "requests");

    public void AddRetry(int delta) => Check(Interlocked.Add(ref _retries, delta), "retries");

    private static void Check(long value, string what)
    {
        if (value < 0) throw new InvalidOperationException($"circuit breaker: {what} fell to {value}");
    }
}
