using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Filters;

/// <summary>One attempt: from choosing a host to the end of its response or its failure.</summary>
internal sealed partial class Router
{
    public override void OnUpstreamReady(Http1ClientConnection connection)
    {
        _connection = connection;
        Info.UpstreamLocalAddress = connection.Local;
        Info.UpstreamConnectionId = connection.Id;
        Info.UpstreamProtocol = StreamProtocol.Http11;
        Info.UpstreamConnectBeginTimestamp = connection.ConnectBeginTimestamp;
        Info.UpstreamConnectEndTimestamp = connection.ConnectEndTimestamp;
        Info.FirstUpstreamTxTimestamp = _worker.Loop.Timestamp;
        Info.BeginAttempt();
        var complete = _stream.RequestComplete;
        connection.SendHead(RequestHeaders, end: !_stream.RequestHasBody, _stream.IsUpgrade);
        for (var i = 0; i < _body.BlockCount; i++) connection.SendData(_body.Block(i), complete && i == _body.BlockCount - 1);
        if (complete && _body.Length == 0 && _stream.RequestHasBody) connection.SendData(default, end: true);
        if (!_retry.IsEnabled && !CanRetrySilently) _body.Clear();
        if (complete) StartPerTryTimer();
        connection.Flush();
        if (ReferenceEquals(_connection, connection)) _stream.Server.ResumeReading();
    }

    public override void OnUpstreamFailed(UpstreamFailure failure, int errno) => Fail(failure, errno);

    public override void OnUpstreamReset(UpstreamFailure failure, bool reusedAndSilent)
    {
        _connection = null;
        if (failure == UpstreamFailure.ConnectionTermination && reusedAndSilent && CanRetrySilently && !_stream.ResponseStarted)
        {
            _silentRetryUsed = true;
            DropAttempt();
            StartAttempt(mustBeNew: true, sameHost: true);
            return;
        }
        Fail(failure, 0);
    }

    public override void OnUpstreamInformational()
    {
        // Swallowed unless configured: the connection manager may have answered Expect itself.
        if (_stream.Config.Proxy100Continue && !_stream.ResponseStarted) _stream.Server.SendInformational(_stream.ResponseHeaders);
    }

    public override void OnUpstreamHead(int code, bool end)
    {
        TouchAttempt();
        var now = _worker.Loop.Timestamp;
        Info.FirstUpstreamRxTimestamp = now;
        Info.ResponseHeaders = _stream.ResponseHeaders;
        CountResponse(code, now);
        if (_hasTimers) _worker.Loop.Stop(_perTryTimer);
        if (!_bodyDropped && _retry.ShouldRetry(code, _stream.ResponseHeaders, RequestHeaders))
        {
            DropAttempt();
            _retry.Schedule();
            return;
        }
        _retry.OnFinalResponse(code);
        if (_retry.LimitExceeded) Info.Flags.Set(ResponseFlag.UpstreamRetryLimitExceeded);
        if (_retry.Overflowed) Info.Flags.Set(ResponseFlag.UpstreamOverflow);
        Info.ResponseCodeDetails = Detail.ViaUpstream;
        Info.ResponseCode = code; // what is added to the response may print it
        UpstreamResponseHeaders.Finish(_stream, _config, _worker.Loop.MillisecondsOf(now - Info.RequestCompleteTimestamp));
        ApplyResponseHeaders();
        var filters = _stream.Config.Filters;
        for (var i = 0; i < filters.Count; i++)
        {
            if (filters[i] is HttpFilterConfig.PeerMetadata peer) PeerMetadataFilter.OnResponse(_stream, peer, _worker.Peers);
        }
        _stream.SendResponseHead(code, end);
    }

    public override void OnUpstreamData(ReadOnlySpan<byte> data)
    {
        TouchAttempt();
        Info.LastUpstreamRxTimestamp = _worker.Loop.Timestamp;
        if (Info.FirstUpstreamBodyTimestamp == 0) Info.FirstUpstreamBodyTimestamp = Info.LastUpstreamRxTimestamp;
        _stream.SendResponseData(data);
    }

    public override void OnUpstreamEnd()
    {
        _connection = null;
        Info.LastUpstreamRxTimestamp = _worker.Loop.Timestamp;
        _worker.Stats.Add(_cluster!.Config.Stats, ClusterStats.UpstreamRqCompleted);
        DropAttempt();
        _stream.CompleteResponse();
    }

    private bool CanRetrySilently => !_silentRetryUsed && !_bodyDropped && Info.BytesReceived == 0 && _stream.RequestComplete && IsIdempotent;

    private bool IsIdempotent
    {
        get
        {
            var method = RequestHeaders.Method;
            return method.SequenceEqual("GET"u8) || method.SequenceEqual("HEAD"u8) || method.SequenceEqual("OPTIONS"u8)
                || method.SequenceEqual("PUT"u8) || method.SequenceEqual("DELETE"u8) || method.SequenceEqual("TRACE"u8);
        }
    }

    private void StartAttempt(bool mustBeNew, bool sameHost = false)
    {
        var host = sameHost && _host is not null ? _host : ChooseHost();
        if (host is null)
        {
            _worker.Stats.Add(_cluster!.Config.Stats, ClusterStats.UpstreamCxNoneHealthy);
            StopTimers();
            _stream.SendLocalReply(503, "no healthy upstream"u8, Detail.NoHealthyUpstream, ResponseFlag.NoHealthyUpstream);
            return;
        }
        _host = host;
        _retry.Remember(host);
        if (Info.UpstreamHost.IsSet && !sameHost) Info.KeepAttempt();
        Info.UpstreamHost = host.Address;
        Info.UpstreamEndpoint = host.Endpoint;
        if (_forward!.HostRewrite is { Auto: true } && host.Hostname is { } name) RequestHeaders.SetAuthority(name);
        var stats = _cluster!.Config.Stats;
        var breaker = Breaker;
        if (!breaker.CanRequest)
        {
            _worker.Stats.Add(stats, ClusterStats.UpstreamRqPendingOverflow);
            Fail(UpstreamFailure.Overflow, 0);
            return;
        }
        _attemptActive = true;
        breaker.AddRequest(1);
        host.ActiveRequests++;
        host.Counts.RqTotal++;
        _worker.Stats.Add(stats, ClusterStats.UpstreamRqTotal);
        _worker.Stats.Add(stats, ClusterStats.UpstreamRqActive);
        if (!host.Pool.Acquire(this, mustBeNew)) Fail(UpstreamFailure.Overflow, 0);
    }

    private UpstreamHost? ChooseHost()
    {
        var cluster = _cluster!;
        if (cluster.Config.Discovery == DiscoveryType.OriginalDst)
        {
            var address = OriginalDestination.Find(_stream, cluster.Config, out var isHeaderInvalid);
            if (isHeaderInvalid) _worker.Stats.Add(cluster.Config.Stats, ClusterStats.OriginalDstHostInvalid);
            return address.IsSet ? cluster.OriginalDestination(address) : null;
        }
        var host = cluster.PickHost();
        for (var pick = 1; host is not null && pick < _retry.MaxHostPicks && _retry.ShouldAvoid(host); pick++) host = cluster.PickHost();
        return host;
    }

    /// <summary>Ends the attempt's bookkeeping and lets go of pool or connection.</summary>
    private void DropAttempt()
    {
        if (_hasTimers)
        {
            _worker.Loop.Stop(_perTryTimer);
            _worker.Loop.Stop(_perTryIdleTimer);
        }
        if (!_attemptActive) return;
        _attemptActive = false;
        var connection = _connection;
        _connection = null;
        _host!.ActiveRequests--;
        Breaker.AddRequest(-1);
        _worker.Stats.Add(_cluster!.Config.Stats, ClusterStats.UpstreamRqActive, -1);
        if (connection is not null) connection.Abandon();
        else _host.Pool.Cancel(this);
    }

    private void CountResponse(int code, long now)
    {
        var stats = _cluster!.Config.Stats;
        _worker.Stats.Add(stats, ClusterStats.UpstreamRq1xx + Math.Clamp(code / 100, 1, 5) - 1);
        _worker.Stats.Add(stats.Code(code), 0);
        if (code < 500) _host!.Counts.RqSuccess++;
        else _host!.Counts.RqError++;
        _worker.Stats.Record(stats, ClusterStats.UpstreamRqTime, _worker.Loop.MillisecondsOf(now - Info.FirstUpstreamTxTimestamp));
    }

    private void Fail(UpstreamFailure failure, int errno)
    {
        var stats = _cluster!.Config.Stats;
        var text = UpstreamFailureText.Of(failure, errno, _stream.ResponseStarted);
        var sent = Info.FirstUpstreamTxTimestamp != 0 && _connection is null && _attemptActive;
        if (_attemptActive && !_stream.ResponseStarted) _host!.Counts.RqError++;
        DropAttempt();
        if (text.TransportFailureReason is { } reason) Info.UpstreamTransportFailureReason = reason;
        if (_stream.ResponseStarted)
        {
            StopTimers();
            _worker.Stats.Add(_stream.Config.Stats, HttpManagerStats.RqResetAfterDownstreamResponseStarted);
            Info.Flags.Set(UpstreamFailureText.Flag(failure));
            Info.ResponseCodeDetails = text.Details;
            _stream.ResetResponse();
            return;
        }
        if (sent) _worker.Stats.Add(stats, ClusterStats.UpstreamRqRxReset);
        if (!_bodyDropped && _retry.ShouldRetry(failure, requestSent: sent))
        {
            _retry.Schedule();
            return;
        }
        StopTimers();
        if (_retry.LimitExceeded) Info.Flags.Set(ResponseFlag.UpstreamRetryLimitExceeded);
        if (_retry.Overflowed) Info.Flags.Set(ResponseFlag.UpstreamOverflow);
        var code = failure == UpstreamFailure.ProtocolError ? 502 : 503;
        _stream.SendLocalReply(
            code, _retry.Attempted ? text.BodyAfterRetry : text.Body, text.Details, UpstreamFailureText.Flag(failure), overloaded: failure == UpstreamFailure.Overflow);
    }

    private void StartRetry()
    {
        Info.AttemptCount++;
        Info.UpstreamTransportFailureReason = null;
        _stream.ResponseHeaders.Clear();
        if (_route!.VirtualHost.IncludeRequestAttemptCount) RequestHeaders.SetNumber("x-envoy-attempt-count"u8, Info.AttemptCount);
        StartAttempt(mustBeNew: false);
    }

    private void OnRouteTimeout()
    {
        _worker.Stats.Add(_cluster!.Config.Stats, ClusterStats.UpstreamRqTimeout);
        if (_attemptActive) _host!.Counts.RqTimeout++;
        DropAttempt();
        StopTimers();
        // Envoy's x-envoy-upstream-rq-timeout-alt-response asks for 204 in place of 504.
        if (_altResponse) _stream.SendLocalReply(204, default, Detail.ResponseTimeout, ResponseFlag.UpstreamRequestTimeout);
        else _stream.SendLocalReply(504, "upstream request timeout"u8, Detail.ResponseTimeout, ResponseFlag.UpstreamRequestTimeout);
    }

    private void OnPerTryTimeout() => EndTry(ClusterStats.UpstreamRqPerTryTimeout, Detail.PerTryTimeout);

    private void OnPerTryIdleTimeout() => EndTry(ClusterStats.UpstreamRqPerTryIdleTimeout, Detail.PerTryIdleTimeout);

    private void EndTry(int stat, byte[] details)
    {
        _worker.Stats.Add(_cluster!.Config.Stats, stat);
        _host!.Counts.RqTimeout++;
        DropAttempt();
        if (!_bodyDropped && !_stream.ResponseStarted && _retry.ShouldRetryTimeout())
        {
            _retry.Schedule();
            return;
        }
        StopTimers();
        if (_retry.LimitExceeded) Info.Flags.Set(ResponseFlag.UpstreamRetryLimitExceeded);
        _stream.SendLocalReply(504, "upstream request timeout"u8, details, ResponseFlag.UpstreamRequestTimeout);
    }

    private void OnMaxDuration()
    {
        _worker.Stats.Add(_cluster!.Config.Stats, ClusterStats.UpstreamRqMaxDurationReached);
        DropAttempt();
        StopTimers();
        _stream.SendLocalReply(
            _stream.RequestComplete ? 504 : 408, "upstream max stream duration reached"u8, Detail.UpstreamMaxStreamDuration, ResponseFlag.UpstreamMaxStreamDurationReached);
    }
}
