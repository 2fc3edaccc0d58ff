using System.Text;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Filters;

/// <summary>
/// The terminal filter: route, cluster, host, connection; the attempts of one request with their timeouts and retries. One
/// object per stream, reused with it.
/// </summary>
internal sealed partial class Router : UpstreamRequest
{
    /// <summary>Request body that waits for a connection before reading from the client stops.</summary>
    private const int PendingBodyBytes = 64 * 1024;

    private readonly StreamContext _worker;
    private readonly HttpStream _stream;
    private readonly ReplayBuffer _body;
    private readonly LoopTimer _routeTimer;
    private readonly LoopTimer _perTryTimer;
    private readonly LoopTimer _perTryIdleTimer;
    private readonly LoopTimer _maxDurationTimer;
    private readonly RetryState _retry;
    private RouteEntry? _route;
    private RouteAction.Forward? _forward;
    private WeightedCluster? _choice;
    private WorkerCluster? _cluster;
    private UpstreamHost? _host;
    private Http1ClientConnection? _connection;
    private RequestTimeouts _timeouts;
    private HttpFilterConfig.Router? _config;
    private bool _attemptActive;
    private bool _hasTimers; // as in the stream
    private bool _bodyDropped; // the replay buffer no longer holds the whole body: no more attempts
    private bool _silentRetryUsed;
    private bool _altResponse;

    public Router(StreamContext worker, HttpStream stream)
    {
        _worker = worker;
        _stream = stream;
        _body = new ReplayBuffer(worker.Loop.Buffers);
        _retry = new RetryState(worker, StartRetry);
        _routeTimer = new LoopTimer(OnRouteTimeout);
        _perTryTimer = new LoopTimer(OnPerTryTimeout);
        _perTryIdleTimer = new LoopTimer(OnPerTryIdleTimeout);
        _maxDurationTimer = new LoopTimer(OnMaxDuration);
    }

    /// <summary>Of the cluster at hand, at the route's priority.</summary>
    public override CircuitBreaker Breaker => _cluster!.Breaker(_forward!.Priority);

    public RouteEntry? Route => _route;

    public ClusterConfig? ClusterConfig => _cluster?.Config;

    public override StreamInfo Info => _stream.Info;

    public override HeaderBlock ResponseHeaders => _stream.ResponseHeaders;

    public override HeaderBlock? RequestTrailers => _stream.ReceivedRequestTrailers;

    public override HeaderBlock ResponseTrailers => _stream.ResponseTrailers;

    public override HeaderSpelling? RequestSpelling => _stream.Config.HeaderCase.IsPreserved ? _stream.RequestSpelling : null;

    public override HeaderSpelling KeepResponseSpelling() => _stream.KeepResponseSpelling();

    public override bool IsHeadRequest => _stream.IsHeadRequest;

    public override bool IsUpgrade => _stream.IsUpgrade;

    public override bool IsDownstreamFull => _stream.IsDownstreamFull;

    private HeaderBlock RequestHeaders => _stream.RequestHeaders;

    /// <summary>Finds the route and does what it says. Called once per request, with the request's headers as the filters see them.</summary>
    public void Begin()
    {
        _worker.Stats.Add(_stream.Config.Stats, HttpManagerStats.RqTotal);
        var table = _stream.Snapshot.Routes(_stream.Config);
        if (table is null)
        {
            Refuse(404, default, Detail.RouteConfigurationNotFound, ResponseFlag.NoRouteFound, HttpManagerStats.NoRoute);
            return;
        }
        if (table.InternalOnlyHeaders.Count > 0) RemoveInternalOnly(table);
        var host = _worker.VirtualHosts.Find(table, RequestHeaders.Authority);
        if (host is { RequireTls: not TlsRequirement.None } && NeedsTls(host))
        {
            _worker.Stats.Add(_stream.Config.Stats, HttpManagerStats.RqRedirect);
            RedirectReply.SendToTls(_stream);
            return;
        }
        _route = RouteSelector.Select(host, RequestHeaders, _stream.Random);
        if (_route is null)
        {
            Refuse(404, default, Detail.RouteNotFound, ResponseFlag.NoRouteFound, HttpManagerStats.NoRoute);
            return;
        }
        Info.RouteName = _route.NameUtf8;
        Info.VirtualHostName = _route.VirtualHost.NameUtf8;
        Info.Route = _route;
        switch (_route.Action)
        {
            case RouteAction.Forward forward:
                Forward(forward);
                break;
            case RouteAction.DirectResponse direct:
                _worker.Stats.Add(_stream.Config.Stats, HttpManagerStats.RqDirectResponse);
                DirectReply.Send(_stream, direct);
                break;
            case RouteAction.Redirect redirect:
                _worker.Stats.Add(_stream.Config.Stats, HttpManagerStats.RqRedirect);
                RedirectReply.Send(_stream, _route, redirect);
                break;
            default:
                throw new InvalidOperationException($"unknown route action {_route.Action.GetType().Name}");
        }
    }

    public void OnRequestData(ReadOnlySpan<byte> data, bool end)
    {
        if (_cluster is null) return; // answered locally: the rest of the request is dropped
        if (_connection is not null)
        {
            if (_retry.IsEnabled && !_bodyDropped) Keep(data);
            _connection.SendData(data, end);
            if (_connection.IsAboveWatermark) _stream.Server.PauseReading();
            if (end) OnRequestComplete();
            return;
        }
        Keep(data);
        if (_body.Length > PendingBodyBytes) _stream.Server.PauseReading();
        if (end) OnRequestComplete();
    }

    public void FlushUpstream() => _connection?.Flush();

    public override void FlushDownstream() => _stream.FlushDownstream();

    public void ResumeUpstream() => _connection?.ResumeReading();

    public override void ResumeDownstream() => _stream.Server.ResumeReading();

    /// <summary>Gives everything upstream up; the stream ends otherwise.</summary>
    public void Abandon()
    {
        if (_cluster is null) return;
        if (_attemptActive) _worker.Stats.Add(_cluster.Config.Stats, ClusterStats.UpstreamRqCancelled);
        DropAttempt();
        StopTimers();
    }

    /// <summary>The stream is over.</summary>
    public void End()
    {
        if (_cluster is not null) DropAttempt();
        StopTimers();
        _body.Clear();
    }

    public void Recycle()
    {
        _route = null;
        _forward = null;
        _choice = null;
        _cluster = null;
        _host = null;
        _connection = null;
        _config = null;
        _bodyDropped = _silentRetryUsed = _altResponse = false;
        _retry.Reset();
    }

    /// <summary>Route-level response header changes; also on local replies once a route is known.</summary>
    public void ApplyResponseHeaders()
    {
        if (_route is null) return;
        RouteHeaders.ApplyToResponse(_route, _choice, _stream.ResponseHeaders, Info);
        if (_route.VirtualHost.IncludeAttemptCountInResponse && Info.AttemptCount > 0) _stream.ResponseHeaders.SetNumber("x-envoy-attempt-count"u8, Info.AttemptCount);
    }

    private void Forward(RouteAction.Forward forward)
    {
        _forward = forward;
        if (_stream.IsUpgrade && !UpgradePolicy.IsAllowed(_stream, forward))
        {
            _worker.Stats.Add(_stream.Config.Stats, HttpManagerStats.DownstreamRqWsOnNonWsRoute);
            _stream.Server.CloseAfterResponse();
            _stream.SendLocalReply(403, default, Detail.UpgradeFailed);
            return;
        }
        var name = ClusterName(forward);
        var cluster = name is null ? null : _worker.Clusters.Find(_stream.Snapshot, name);
        if (cluster is null)
        {
            Refuse(forward.ClusterNotFoundStatus, default, Detail.ClusterNotFound, ResponseFlag.NoClusterFound, HttpManagerStats.NoCluster);
            return;
        }
        _cluster = cluster;
        Info.Cluster = cluster.Snapshot;
        Info.UpstreamClusterName = cluster.Config.NameUtf8;
        Info.UpstreamClusterAltStatName = cluster.Config.StatNameUtf8;
        _config = FindConfig();
        if (_config is { StrictCheckHeaders.Count: > 0 } && StrictHeaderCheck.FindInvalid(_config, RequestHeaders) is { } invalid)
        {
            RequestHeaders.TryGet(Encoding.ASCII.GetBytes(invalid), out var value);
            var body = $"invalid header '{invalid}' with value '{Encoding.Latin1.GetString(value)}'";
            _stream.SendLocalReply(400, Encoding.Latin1.GetBytes(body), Detail.FailedStrictCheck(invalid), ResponseFlag.InvalidEnvoyRequestHeaders);
            return;
        }
        if (forward.IdleTimeout is { } idle) _stream.SetIdleTimeout(idle);
        _timeouts = RequestTimeouts.Of(forward, RequestHeaders, _config is { RespectExpectedRequestTimeout: true });
        _altResponse = RequestHeaders.Remove("x-envoy-upstream-rq-timeout-alt-response"u8);
        _retry.Begin(forward.Retry, RequestHeaders, Breaker, _cluster.Config.Stats);
        Info.AttemptCount = 1;
        UpstreamRequestHeaders.Finish(_stream, _route!, forward, _choice, _cluster.Config, _config, _timeouts);
        var filters = _stream.Config.Filters;
        for (var i = 0; i < filters.Count; i++)
        {
            if (filters[i] is HttpFilterConfig.PeerMetadata peer) PeerMetadataFilter.OnRequest(_stream, peer, _cluster.Config, _worker.Peers);
        }
        if (_stream.RequestComplete) StartTimeouts();
        StartAttempt(mustBeNew: false);
    }

    /// <summary>RouteConfiguration.internal_only_headers: only what comes from within may carry them.</summary>
    private void RemoveInternalOnly(RouteTable table)
    {
        if (RequestHeaders.Contains("x-envoy-internal"u8)) return;
        for (var i = 0; i < table.InternalOnlyHeaders.Count; i++) RequestHeaders.Remove(table.InternalOnlyHeaders[i]);
    }

    /// <summary>What the client's own scheme was a proxy in front of this one has told; here nothing is encrypted.</summary>
    private bool NeedsTls(VirtualHost host) =>
        RequestHeaders.TryGet("x-forwarded-proto"u8, out var scheme) && !scheme.SequenceEqual("https"u8)
        && (host.RequireTls == TlsRequirement.All || !RequestHeaders.Contains("x-envoy-internal"u8));

    private string? ClusterName(RouteAction.Forward forward)
    {
        if (forward.Clusters.HeaderName is { } header)
            return RequestHeaders.TryGet(header, out var value) ? Encoding.UTF8.GetString(value) : null;
        _choice = forward.Clusters.Pick(_stream.Random);
        return _choice.Name;
    }

    private HttpFilterConfig.Router? FindConfig()
    {
        var filters = _stream.Config.Filters;
        return filters.Count > 0 ? filters[^1] as HttpFilterConfig.Router : null;
    }

    private void Refuse(int status, ReadOnlySpan<byte> body, byte[] details, ResponseFlag flag, int stat)
    {
        _worker.Stats.Add(_stream.Config.Stats, stat);
        _stream.SendLocalReply(status, body, details, flag);
    }

    private void Keep(ReadOnlySpan<byte> data)
    {
        var limit = _route!.RequestBufferLimitBytes ?? _stream.Server.Connection.Listener.PerConnectionBufferLimitBytes;
        if (_connection is not null && _body.Length + data.Length > limit)
        {
            // retry_or_shadow_abandoned: the request goes on, without a second chance.
            _bodyDropped = true;
            _body.Clear();
            return;
        }
        _body.Append(data);
    }

    private void OnRequestComplete() => StartTimeouts();

    /// <summary>Both clocks begin when the whole request is here.</summary>
    private void StartTimeouts()
    {
        if (_timeouts.Route > TimeSpan.Zero) Start(_routeTimer, _timeouts.Route);
        var longest = _forward!.MaxStreamDuration ?? _cluster!.Config.MaxStreamDuration;
        if (longest > TimeSpan.Zero && !_maxDurationTimer.IsRunning) Start(_maxDurationTimer, longest);
        if (_attemptActive && _connection is not null) StartPerTryTimer();
    }

    private void StartPerTryTimer()
    {
        if (_timeouts.PerTry > TimeSpan.Zero && !_stream.ResponseStarted) Start(_perTryTimer, _timeouts.PerTry);
        if (PerTryIdle > TimeSpan.Zero) Start(_perTryIdleTimer, PerTryIdle);
    }

    private TimeSpan PerTryIdle => _forward!.Retry?.PerTryIdleTimeout ?? TimeSpan.Zero;

    /// <summary>Something moved in the attempt.</summary>
    private void TouchAttempt()
    {
        if (_hasTimers && _perTryIdleTimer.IsRunning) _worker.Loop.Start(_perTryIdleTimer, PerTryIdle);
    }

    private void Start(LoopTimer timer, TimeSpan delay)
    {
        _hasTimers = true;
        _worker.Loop.Start(timer, delay);
    }

    private void StopTimers()
    {
        _retry.Stop();
        if (!_hasTimers) return;
        _hasTimers = false;
        _worker.Loop.Stop(_routeTimer);
        _worker.Loop.Stop(_perTryTimer);
        _worker.Loop.Stop(_perTryIdleTimer);
        _worker.Loop.Stop(_maxDurationTimer);
    }
}
