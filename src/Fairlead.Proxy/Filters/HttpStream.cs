using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Filters;

/// <summary>
/// One request and its response, whatever the codec: the HTTP connection manager's part of the work (checks, headers, timers,
/// local replies, the log line). The way to the upstream is <see cref="Router"/>'s. Every stream has exactly one outcome and
/// one log line.
/// </summary>
internal sealed partial class HttpStream
{
    private readonly StreamContext _worker;
    private readonly LoopTimer _idleTimer;
    private readonly LoopTimer _requestTimer;
    private readonly LoopTimer _durationTimer;
    private readonly Action _recycle;
    private HeaderSpelling? _requestSpelling;
    private HeaderSpelling? _responseSpelling;
    private HeaderBlock? _requestTrailers;
    private HeaderBlock? _responseTrailers;
    private ServerConnection? _server;
    private bool _active;
    private bool _hasTimers; // some timer was started: most streams have none, and need not look at three objects

    public HttpStream(StreamContext worker)
    {
        _worker = worker;
        Router = new Router(worker, this);
        _idleTimer = new LoopTimer(OnIdleTimeout);
        _requestTimer = new LoopTimer(OnRequestTimeout);
        _durationTimer = new LoopTimer(OnMaxDuration);
        _recycle = Recycle;
    }

    public StreamInfo Info { get; } = new();

    public HeaderBlock RequestHeaders { get; } = new();

    public HeaderBlock ResponseHeaders { get; } = new();

    /// <summary>Where the request's trailers go; made for the first request whose codec takes them.</summary>
    public HeaderBlock RequestTrailers => _requestTrailers ??= new HeaderBlock();

    /// <summary>Where the response's trailers go.</summary>
    public HeaderBlock ResponseTrailers => _responseTrailers ??= new HeaderBlock();

    /// <summary>Null = none came (yet).</summary>
    public HeaderBlock? ReceivedRequestTrailers => _requestTrailers is { Count: > 0 } ? _requestTrailers : null;

    /// <summary>How the client spelled its header names; made and kept where the configuration wants it.</summary>
    public HeaderSpelling RequestSpelling => _requestSpelling ??= new HeaderSpelling();

    /// <summary>How the upstream spelled those of the response at hand; null = that is not kept, or the response is ours.</summary>
    public HeaderSpelling? ResponseSpelling { get; private set; }

    public Router Router { get; }

    public ServerConnection Server => _server ?? throw new InvalidOperationException("the stream is not in use");

    public HttpConnectionManagerConfig Config => Server.Config;

    /// <summary>The configuration this request was begun under.</summary>
    public ProxySnapshot Snapshot { get; private set; } = ProxySnapshot.Empty;

    public bool IsHeadRequest { get; private set; }

    /// <summary>An upgrade that the configuration allows, until the upstream answers otherwise.</summary>
    public bool IsUpgrade { get; set; }

    public bool IsGrpc { get; private set; }

    /// <summary>A body is announced, which may turn out to be empty.</summary>
    public bool RequestHasBody { get; private set; }

    /// <summary>The last byte of the request was received.</summary>
    public bool RequestComplete { get; private set; }

    public bool ResponseStarted { get; private set; }

    /// <summary>The request carried Istio's peer headers, so the response answers with ours (inbound).</summary>
    public bool PeerSentMetadata { get; set; }

    /// <summary>Drawn once per request: fractions of routes and weights agree with each other.</summary>
    public ulong Random { get; private set; }

    public bool IsDownstreamFull => _server?.IsAboveWatermark ?? false;

    public void Begin(ServerConnection server)
    {
        if (_active) throw new InvalidOperationException("a stream in use was handed out again");
        _active = true;
        _server = server;
        Snapshot = _worker.Snapshot;
        RequestHeaders.Clear();
        ResponseHeaders.Clear();
        _requestTrailers?.Clear();
        _responseTrailers?.Clear();
        ResponseSpelling = null;
        Info.Reset();
        var now = _worker.Loop.Timestamp;
        Info.StartTimestamp = now;
        Info.StartTime = _worker.Loop.WallTime(now);
        Info.Protocol = StreamProtocol.Http11;
        server.Connection.Describe(Info);
        IsHeadRequest = IsUpgrade = IsGrpc = RequestComplete = ResponseStarted = PeerSentMetadata = false;
        Random = _worker.Random.Next();
        var stats = Config.Stats;
        _worker.Stats.Add(stats, HttpManagerStats.DownstreamRqTotal);
        _worker.Stats.Add(stats, HttpManagerStats.DownstreamRqHttp1Total);
        _worker.Stats.Add(stats, HttpManagerStats.DownstreamRqActive);
        SetIdleTimeout(Config.StreamIdleTimeout);
        if (Config.MaxStreamDuration > TimeSpan.Zero) Start(_durationTimer, Config.MaxStreamDuration);
        if (Config.RequestTimeout > TimeSpan.Zero) Start(_requestTimer, Config.RequestTimeout);
    }

    public void OnRequestHead(HeadParser parser, bool upgrade, bool complete)
    {
        Info.Protocol = parser.MinorVersion == 0 ? StreamProtocol.Http10 : StreamProtocol.Http11;
        Info.RequestHeaders = RequestHeaders;
        IsHeadRequest = RequestHeaders.Method.SequenceEqual("HEAD"u8);
        IsUpgrade = upgrade;
        IsGrpc = GrpcContentType.Is(RequestHeaders);
        RequestHasBody = !complete;
        if (complete) MarkRequestComplete();
        Touch();
        if (!RequestPolicy.Apply(_worker, this, parser)) return;
        Router.Begin();
    }

    public void OnRequestData(ReadOnlySpan<byte> data, bool end)
    {
        if (!_active) return;
        Info.BytesReceived += data.Length;
        if (end)
        {
            if (_requestTrailers is not null) TrailerFields.RemoveForbidden(_requestTrailers);
            MarkRequestComplete();
        }
        Touch();
        Router.OnRequestData(data, end);
    }

    /// <summary>The codec refused the message.</summary>
    public void OnCodecError(Http1Error error)
    {
        Router.Abandon();
        Info.RequestHeaders ??= RequestHeaders;
        if (ResponseStarted)
        {
            Info.Flags.Set(ResponseFlag.DownstreamProtocolError);
            Info.ResponseCodeDetails = Http1ErrorText.Details(error);
            ResetResponse();
            return;
        }
        if (error == Http1Error.Http2Preface && Config.Codec == HttpCodecType.Auto)
        {
            RefuseHttp2();
            return;
        }
        if (Http1ErrorText.Status(error) == 431) _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamRqTooLarge);
        SendLocalReply(Http1ErrorText.Status(error), Http1ErrorText.Body(error), Http1ErrorText.Details(error), ResponseFlag.DownstreamProtocolError);
    }

    /// <summary>The client is gone before its response was complete.</summary>
    public void OnDownstreamGone(CloseType how)
    {
        if (!_active) return;
        Router.Abandon();
        Info.DownstreamClose = how;
        Info.Flags.Set(ResponseFlag.DownstreamConnectionTermination);
        Info.ResponseCodeDetails = Detail.DownstreamRemoteDisconnect;
        if (!ResponseStarted) Info.ResponseCode = 0;
        _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamRqRxReset);
        Finish();
    }

    public HeaderSpelling KeepResponseSpelling() => ResponseSpelling = _responseSpelling ??= new HeaderSpelling();

    /// <summary>Sends the response head that stands in <see cref="ResponseHeaders"/>.</summary>
    public void SendResponseHead(int code, bool end)
    {
        ResponseStarted = true;
        Info.ResponseCode = code;
        Info.ResponseHeaders = ResponseHeaders;
        var upgraded = IsUpgrade && code == 101;
        if (IsUpgrade && !upgraded)
        {
            IsUpgrade = false;
            Server.CloseAfterResponse();
        }
        if (!RequestComplete && end && !upgraded) Server.CloseAfterResponse();
        ResponsePolicy.Apply(_worker, this, upgraded);
        Info.FirstDownstreamTxTimestamp = _worker.Loop.Timestamp;
        Touch();
        Server.SendHead(ResponseHeaders, end, upgraded);
        if (upgraded)
        {
            _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxUpgradesTotal);
            _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxUpgradesActive);
            Server.BeginTunnel();
        }
    }

    public void SendResponseData(ReadOnlySpan<byte> data)
    {
        Info.BytesSent += data.Length;
        Touch();
        Server.SendData(data);
    }

    /// <summary>The response is complete: everything is handed to the codec, flushed and logged.</summary>
    public void CompleteResponse()
    {
        Info.LastDownstreamTxTimestamp = _worker.Loop.Timestamp;
        if (_responseTrailers is { Count: > 0 })
        {
            TrailerFields.RemoveForbidden(_responseTrailers);
            Info.ResponseTrailers = _responseTrailers;
        }
        Server.SendEnd(Info.ResponseTrailers);
        if (!RequestComplete && !IsUpgrade) _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamRqResponseBeforeRqComplete);
        if (IsUpgrade || !RequestComplete) Server.CloseAfterResponse();
        var server = Server;
        // Where nothing else is to be done the bytes leave before the books are closed: the client does not wait for our log line.
        server.Flush();
        if (!_active) return; // flushing found the client gone
        Finish();
        server.OnStreamFinished();
    }

    /// <summary>A response that began cannot be completed: the connection is cut.</summary>
    public void ResetResponse()
    {
        var server = Server;
        _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamRqTxReset);
        server.Flush();
        if (!_active) return;
        Finish();
        server.Abort();
    }

    public void FlushDownstream() => _server?.Flush();

    /// <summary>Something happened on the stream: the idle timer begins anew.</summary>
    public void Touch()
    {
        if (_hasTimers && _idleTimer.IsRunning) _worker.Loop.Start(_idleTimer, IdleTimeout);
    }

    public TimeSpan IdleTimeout { get; private set; }

    /// <summary>A route's own idle timeout replaces the connection manager's; zero = off.</summary>
    public void SetIdleTimeout(TimeSpan timeout)
    {
        IdleTimeout = timeout;
        if (timeout > TimeSpan.Zero) Start(_idleTimer, timeout);
        else if (_hasTimers && _idleTimer.IsRunning) _worker.Loop.Stop(_idleTimer);
    }

    private void Start(LoopTimer timer, TimeSpan delay)
    {
        _hasTimers = true;
        _worker.Loop.Start(timer, delay);
    }

    private void StopTimers()
    {
        _hasTimers = false;
        _worker.Loop.Stop(_idleTimer);
        _worker.Loop.Stop(_requestTimer);
        _worker.Loop.Stop(_durationTimer);
    }

    private void MarkRequestComplete()
    {
        RequestComplete = true;
        Info.RequestCompleteTimestamp = _worker.Loop.Timestamp;
        if (_hasTimers) _worker.Loop.Stop(_requestTimer);
    }

    private void Finish()
    {
        _active = false;
        if (_hasTimers) StopTimers();
        Router.End();
        Info.EndTimestamp = _worker.Loop.Timestamp;
        var stats = Config.Stats;
        _worker.Stats.Add(stats, HttpManagerStats.DownstreamRqActive, -1);
        if (IsUpgrade && Info.ResponseCode == 101) _worker.Stats.Add(stats, HttpManagerStats.DownstreamCxUpgradesActive, -1);
        _worker.Stats.Add(stats, HttpManagerStats.DownstreamRqCompleted);
        if (Info.ResponseCode >= 100 && Info.ResponseCode < 600) _worker.Stats.Add(stats, HttpManagerStats.DownstreamRq1xx + (Info.ResponseCode / 100) - 1);
        _worker.Stats.Record(stats, HttpManagerStats.DownstreamRqTime, _worker.Loop.MillisecondsOf(Info.EndTimestamp - Info.StartTimestamp));
        _worker.AccessLogs.Write(Config.AccessLogs, Info, _worker.Random);
        _worker.StreamEnded?.Invoke(Info, Config);
        _worker.Loop.Defer(_recycle);
    }

    private void Recycle()
    {
        Router.Recycle();
        _server = null;
        Snapshot = ProxySnapshot.Empty; // an idle stream must not keep an old configuration alive
        _worker.Streams.Return(this);
    }
}
