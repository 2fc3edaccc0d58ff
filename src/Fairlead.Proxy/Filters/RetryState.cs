using System.Buffers.Text;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Filters;

/// <summary>
/// Whether and when a request is tried again (envoy.md 2.5): policy of the route and x-envoy-* request headers, attempts left,
/// the cluster's breaker, and a uniform random delay under B, 2B, 4B ... capped.
/// </summary>
internal sealed class RetryState
{
    private const int RememberedHosts = 16; // more attempts than any policy makes sense with; older hosts may be picked again

    private readonly StreamContext _worker;
    private readonly LoopTimer _timer;
    private readonly UpstreamHost?[] _tried = new UpstreamHost?[RememberedHosts];
    private readonly List<int> _headerStatuses = [];
    private RetryPolicy? _policy;
    private RetryConditions _on;
    private CircuitBreaker? _breaker;
    private ClusterStats? _stats;
    private int _left;
    private int _triedCount;
    private int _attempt;
    private bool _holdsRetry;

    public RetryState(StreamContext worker, Action retry)
    {
        _worker = worker;
        _timer = new LoopTimer(retry);
    }

    public bool IsEnabled => _on != RetryConditions.None;

    /// <summary>At least one retry was made.</summary>
    public bool Attempted => _attempt > 0;

    /// <summary>A retry was due but none was left.</summary>
    public bool LimitExceeded { get; private set; }

    /// <summary>A retry was due but the breaker forbade it.</summary>
    public bool Overflowed { get; private set; }

    public int MaxHostPicks => _policy is { AvoidPreviousHosts: true } ? _policy.HostSelectionMaxAttempts : 1;

    public void Begin(RetryPolicy? policy, HeaderBlock headers, CircuitBreaker breaker, ClusterStats stats)
    {
        _policy = policy;
        _on = policy?.On ?? RetryConditions.None;
        _left = policy?.NumRetries ?? 1;
        _breaker = breaker;
        _stats = stats;
        if (headers.TryGet("x-envoy-retry-on"u8, out var on)) _on |= RetryConditionNames.Parse(on);
        if (headers.TryGet("x-envoy-retry-grpc-on"u8, out var grpcOn)) _on |= RetryConditionNames.ParseGrpc(grpcOn);
        if (headers.TryGet("x-envoy-max-retries"u8, out var max) && Utf8Parser.TryParse(max, out int retries, out var used) && used == max.Length && retries >= 0)
            _left = retries;
        if (headers.TryGet("x-envoy-retriable-status-codes"u8, out var codes)) ReadStatuses(codes);
        headers.Remove("x-envoy-retry-on"u8);
        headers.Remove("x-envoy-retry-grpc-on"u8);
        headers.Remove("x-envoy-max-retries"u8);
        headers.Remove("x-envoy-retriable-status-codes"u8);
        if (_on != RetryConditions.None && policy is { RetriableRequestHeaders.Count: > 0 } && !MatchesAny(policy.RetriableRequestHeaders, headers))
            _on = RetryConditions.None;
    }

    public void Reset()
    {
        _policy = null;
        _on = RetryConditions.None;
        _breaker = null;
        _stats = null;
        _triedCount = _attempt = 0;
        Array.Clear(_tried);
        _headerStatuses.Clear();
        LimitExceeded = Overflowed = false;
    }

    public void Stop()
    {
        if (_attempt > 0) _worker.Loop.Stop(_timer);
        ReleaseRetry();
    }

    public void Remember(UpstreamHost host)
    {
        if (IsEnabled) _tried[_triedCount++ % RememberedHosts] = host;
    }

    public bool ShouldAvoid(UpstreamHost host) => Array.IndexOf(_tried, host) >= 0;

    /// <summary>Decides on a response head.</summary>
    public bool ShouldRetry(int code, HeaderBlock response, HeaderBlock request)
    {
        if (!IsEnabled) return false;
        if (_attempt > 0) ReleaseRetry();
        if (response.Contains("x-envoy-overloaded"u8)) return false;
        if (response.Contains("x-envoy-ratelimited"u8) && !_on.HasFlag(RetryConditions.EnvoyRateLimited)) return false;
        return IsRetriable(code, response) && TakeOne();
    }

    /// <summary>Decides on a failure before the response began.</summary>
    public bool ShouldRetry(UpstreamFailure failure, bool requestSent)
    {
        if (!IsEnabled || failure == UpstreamFailure.Overflow) return false;
        if (_attempt > 0) ReleaseRetry();
        var connectFailure = failure is UpstreamFailure.LocalConnectionFailure or UpstreamFailure.RemoteConnectionFailure or UpstreamFailure.ConnectionTimeout;
        var due = _on.HasFlag(RetryConditions.ServerError)
            || _on.HasFlag(RetryConditions.GatewayError)
            || _on.HasFlag(RetryConditions.Reset)
            || (_on.HasFlag(RetryConditions.ResetBeforeRequest) && !requestSent)
            || (_on.HasFlag(RetryConditions.ConnectFailure) && connectFailure);
        return due && TakeOne();
    }

    /// <summary>Decides on a per-try timeout.</summary>
    public bool ShouldRetryTimeout()
    {
        if (!IsEnabled) return false;
        if (_attempt > 0) ReleaseRetry();
        return (_on & (RetryConditions.ServerError | RetryConditions.GatewayError | RetryConditions.Reset)) != 0 && TakeOne();
    }

    /// <summary>Starts the back-off of the retry that was just granted.</summary>
    public void Schedule()
    {
        var unit = (_policy?.BackOffBase ?? TimeSpan.FromMilliseconds(25)).TotalMilliseconds;
        var longest = (_policy?.BackOffMax ?? TimeSpan.FromMilliseconds(250)).TotalMilliseconds;
        var interval = Math.Min(unit * Math.Pow(2, Math.Min(_attempt - 1, 30)), longest);
        _worker.Stats.Add(_stats!, ClusterStats.UpstreamRqRetryBackoffExponential);
        _worker.Loop.Start(_timer, interval < 1 ? 0 : _worker.Random.Below((int)interval));
    }

    public void OnFinalResponse(int code)
    {
        if (_attempt > 0 && code < 500) _worker.Stats.Add(_stats!, ClusterStats.UpstreamRqRetrySuccess);
        ReleaseRetry();
    }

    private bool TakeOne()
    {
        if (_left == 0)
        {
            LimitExceeded = true;
            _worker.Stats.Add(_stats!, ClusterStats.UpstreamRqRetryLimitExceeded);
            return false;
        }
        if (!_breaker!.CanRetry)
        {
            Overflowed = true;
            _worker.Stats.Add(_stats!, ClusterStats.UpstreamRqRetryOverflow);
            return false;
        }
        _left--;
        _attempt++;
        _breaker.AddRetry(1);
        _holdsRetry = true;
        _worker.Stats.Add(_stats!, ClusterStats.UpstreamRqRetry);
        return true;
    }

    private void ReleaseRetry()
    {
        if (!_holdsRetry) return;
        _holdsRetry = false;
        _breaker!.AddRetry(-1);
    }

    private bool IsRetriable(int code, HeaderBlock response)
    {
        if (_on.HasFlag(RetryConditions.ServerError) && code is >= 500 and < 600) return true;
        if (_on.HasFlag(RetryConditions.GatewayError) && code is >= 502 and <= 504) return true;
        if (_on.HasFlag(RetryConditions.RetriableClientError) && code == 409) return true;
        if (_on.HasFlag(RetryConditions.EnvoyRateLimited) && response.Contains("x-envoy-ratelimited"u8)) return true;
        if (_on.HasFlag(RetryConditions.RetriableStatusCodes) && (_headerStatuses.Contains(code) || (_policy?.RetriableStatuses.Contains(code) ?? false))) return true;
        if (_on.HasFlag(RetryConditions.RetriableHeaders) && _policy is not null && MatchesAny(_policy.RetriableHeaders, response)) return true;
        return RetryConditionNames.MatchesGrpc(_on, response);
    }

    private void ReadStatuses(ReadOnlySpan<byte> list)
    {
        while (FieldBytes.NextElement(ref list, out var element))
        {
            if (Utf8Parser.TryParse(element, out int code, out var used) && used == element.Length) _headerStatuses.Add(code);
        }
    }

    private static bool MatchesAny(IReadOnlyList<Routing.HeaderMatcher> matchers, HeaderBlock headers)
    {
        for (var i = 0; i < matchers.Count; i++)
        {
            if (matchers[i].Matches(headers)) return true;
        }
        return false;
    }
}
