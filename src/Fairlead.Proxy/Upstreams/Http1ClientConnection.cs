using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Upstreams;

/// <summary>
/// The upstream side of HTTP/1.1 on one connection: one request at a time, reused while both sides keep it alive. An idle
/// connection on which anything arrives is closed: a byte before a request cannot belong to its answer.
/// </summary>
internal sealed class Http1ClientConnection : ChannelOwner
{
    /// <summary>Bytes of request waiting for a slow upstream at which reading from the client stops, unless the cluster's buffer limit is lower.</summary>
    public const int HighWatermarkBytes = 128 * 1024;

    private const int MaxBytesPerTurn = 128 * 1024; // then other connections of the loop have their turn: with a thousand bulk transfers a small request waits some 30 ms

    private static long _lastId;

    private readonly HttpPool _pool;
    private readonly WorkerContext _worker;
    private readonly CircuitBreaker _breaker;
    private readonly InputBuffer _input;
    private readonly OutputQueue _output;
    private readonly HeadParser _parser = new(isRequest: false);
    private readonly BodyReader _body = new();
    private readonly Http1Limits _limits;
    private readonly HeaderCase _case;
    private readonly bool _hasTrailers; // the cluster enables them; else they are checked and dropped, as in Envoy
    private readonly int _watermark;
    private LoopTimer? _ageTimer;
    private readonly LoopTimer _timer; // connect timeout first, idle timeout afterwards
    private readonly long _connectBegin;
    private readonly Action _continue;
    private Channel? _channel;
    private UpstreamRequest? _request;
    private bool _connecting = true;
    private bool _idle;
    private bool _inBody;
    private bool _chunkedRequest;
    private bool _requestSent;
    private bool _isUpgrade;
    private bool _shutdownDue;
    private bool _reading;
    private bool _sendsLater;
    private int _requests;
    private long _idleSince;
    private long _shownOutput;
    private int _shownInput;

    private Http1ClientConnection(HttpPool pool, CircuitBreaker breaker)
    {
        _pool = pool;
        _worker = pool.Host.Cluster.Worker;
        _breaker = breaker;
        var config = pool.Host.Cluster.Config;
        _limits = new Http1Limits(config.MaxResponseHeaderBytes, config.MaxResponseHeaders,
            config.Underscores == UnderscoreMode.RejectRequest, config.Underscores == UnderscoreMode.DropHeader, config.AllowChunkedLength);
        _hasTrailers = config.EnableTrailers;
        _case = config.HeaderCase;
        _watermark = config.PerConnectionBufferLimitBytes is > 0 and < HighWatermarkBytes and var limit ? limit : HighWatermarkBytes;
        _input = new InputBuffer(_worker.Loop.Buffers);
        _output = new OutputQueue(_worker.Loop.Buffers);
        _timer = new LoopTimer(OnTimer);
        _continue = ResumeReading;
        _connectBegin = _worker.Loop.Timestamp;
        Id = Interlocked.Increment(ref _lastId);
    }

    public long Id { get; }

    /// <summary>Of the pool when the connection was made.</summary>
    public int Generation { get; set; }

    public IpEndpoint Local => _channel!.Local;

    public long ConnectBeginTimestamp => _connectBegin;

    public long ConnectEndTimestamp { get; private set; }

    /// <summary>The request at hand is not the first on this connection.</summary>
    public bool IsReused => _requests > 1;

    /// <summary>Some byte of the answer to the request at hand has arrived.</summary>
    public bool ResponseStarted => _inBody || _parser.HasStarted;

    public bool IsAboveWatermark => _output.Length > _watermark;

    /// <summary>What the client's side has kept comes before what the cluster's configuration says, as in Envoy.</summary>
    private HeaderSpelling? Spelling => _request!.RequestSpelling ?? (_case is { IsPreserved: false, IsProper: true } ? HeaderSpelling.Proper : null);

    private ClusterStats ClusterStats => _pool.Host.Cluster.Config.Stats;

    public static void Connect(HttpPool pool, CircuitBreaker breaker)
    {
        var connection = new Http1ClientConnection(pool, breaker);
        var worker = connection._worker;
        var cluster = pool.Host.Cluster;
        breaker.AddConnection(1);
        pool.Host.Counts.CxTotal++;
        pool.Host.Counts.CxActive++;
        worker.Stats.Add(cluster.Config.Stats, ClusterStats.UpstreamCxTotal);
        worker.Stats.Add(cluster.Config.Stats, ClusterStats.UpstreamCxHttp1Total);
        worker.Stats.Add(cluster.Config.Stats, ClusterStats.UpstreamCxActive);
        var channel = worker.Dial(pool.Host.Address, cluster.ConnectOptions, out var errno);
        if (channel is null)
        {
            if (cluster.ConnectOptions.IsBindError(errno)) worker.Stats.Add(cluster.Config.Stats, ClusterStats.BindErrors);
            // The caller is still queueing: the failure is told when it is done.
            worker.Loop.Defer(() => connection.FailConnect(UpstreamFailure.LocalConnectionFailure, errno));
            return;
        }
        connection._channel = channel;
        channel.Owner = connection;
        if (cluster.Config.ConnectTimeout > TimeSpan.Zero) worker.Loop.Start(connection._timer, cluster.Config.ConnectTimeout);
    }

    public override void OnConnected(int errno)
    {
        if (errno != 0)
        {
            FailConnect(UpstreamFailure.RemoteConnectionFailure, errno);
            return;
        }
        _connecting = false;
        _worker.Loop.Stop(_timer);
        ConnectEndTimestamp = _worker.Loop.Timestamp;
        var longest = _pool.Host.Cluster.Config.MaxConnectionDuration;
        if (longest > TimeSpan.Zero) _worker.Loop.Start(_ageTimer = new LoopTimer(OnMaxDuration), longest);
        _worker.Stats.Record(ClusterStats, ClusterStats.UpstreamCxConnectMs, _worker.Loop.MillisecondsOf(ConnectEndTimestamp - _connectBegin));
        _pool.OnConnected(this);
    }

    /// <summary>Serves a request now.</summary>
    public void Begin(UpstreamRequest request)
    {
        _idle = false;
        _request = request;
        _requests++;
        _inBody = false;
        _requestSent = false;
        _parser.Reset();
        request.OnUpstreamReady(this);
    }

    public void SendHead(HeaderBlock headers, bool end, bool upgrade)
    {
        _isUpgrade = upgrade;
        _chunkedRequest = !end && !upgrade && !headers.Contains("content-length"u8);
        if (end && !upgrade && !IsBodyless(headers.Method) && !headers.Contains("content-length"u8)) headers.Add("content-length"u8, "0"u8);
        var before = _output.Length;
        HeadWriter.Request(_output, headers, _chunkedRequest, upgrade, Spelling);
        _request!.Info.UpstreamHeaderBytesSent += _output.Length - before;
        _requestSent = end;
        if (end) _request.Info.LastUpstreamTxTimestamp = _worker.Loop.Timestamp;
    }

    /// <summary>Methods that say by themselves that nothing follows (RFC 9110, 8.6; Envoy's requestShouldHaveNoBody).</summary>
    private static bool IsBodyless(ReadOnlySpan<byte> method) => method.Length switch
    {
        3 => method.SequenceEqual("GET"u8),
        4 => method.SequenceEqual("HEAD"u8),
        5 => method.SequenceEqual("TRACE"u8),
        6 => method.SequenceEqual("DELETE"u8),
        7 => method.SequenceEqual("CONNECT"u8),
        _ => false,
    };

    public void SendData(ReadOnlySpan<byte> data, bool end)
    {
        if (_chunkedRequest)
        {
            HeadWriter.Chunk(_output, data);
            if (end) HeadWriter.LastChunk(_output, _hasTrailers ? _request!.RequestTrailers : null, Spelling);
        }
        else
        {
            _output.Write(data);
        }
        if (!end) return;
        _requestSent = true;
        _request!.Info.LastUpstreamTxTimestamp = _worker.Loop.Timestamp;
        _shutdownDue = _isUpgrade; // the new protocol has no other way to say that its client has nothing more to say
    }

    /// <summary>Sends what was written, or has it sent together with what other connections have to send.</summary>
    public void Flush()
    {
        if (!_worker.Loop.SendsGather || _output.Length > BufferPool.BlockBytes)
        {
            SendNow();
            return;
        }
        if (_sendsLater) return;
        _sendsLater = true;
        _worker.Loop.SendLater(this);
    }

    public override void OnSendTurn()
    {
        _sendsLater = false;
        SendNow();
    }

    private void SendNow()
    {
        if (_channel is not { IsOpen: true }) return;
        var before = _output.Length;
        if (before > 0)
        {
            var error = _output.Flush(_channel);
            var sent = before - _output.Length;
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxTxBytesTotal, sent);
            if (_request is not null) _request.Info.UpstreamWireBytesSent += sent;
            if (error < 0)
            {
                // The answer may have come before the connection broke (an early refusal): read first.
                ReadAndProcess();
                if (_channel.IsOpen) Lose(UpstreamFailure.ConnectionTermination);
                return;
            }
        }
        if (_shutdownDue && _output.IsEmpty)
        {
            _shutdownDue = false;
            _channel.ShutdownSend();
        }
        ShowBuffered();
        if (_output.Length <= _watermark / 2) _request?.ResumeDownstream();
    }

    public override void OnReadable()
    {
        if (_idle)
        {
            OnIdleReadable();
            return;
        }
        ReadAndProcess();
    }

    public override void OnWritable() => SendNow();

    /// <summary>Goes on after the downrequest took what it had.</summary>
    public void ResumeReading()
    {
        if (_request is not null) ReadAndProcess();
    }

    /// <summary>The request gives the request up: the connection cannot be used for another.</summary>
    public void Abandon()
    {
        _request = null;
        _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamRqTxReset);
        Close(wasIdle: false, ClusterStats.UpstreamCxDestroyLocalWithActiveRq);
    }

    internal void BecomeIdle()
    {
        _idle = true;
        _input.ReleaseIfEmpty();
        _idleSince = _worker.Loop.Timestamp;
        // It runs on through requests, and looks when it fires: nothing has to be moved for each of them.
        var timeout = _pool.Host.Cluster.Config.IdleTimeout;
        if (timeout > TimeSpan.Zero && !_timer.IsRunning) _worker.Loop.Start(_timer, timeout);
    }

    internal void CloseIdle() => Close(wasIdle: true, ClusterStats.UpstreamCxDestroyLocal);

    /// <summary>Closes a connection that the pool has already taken out of its books.</summary>
    internal void CloseUnused() => Shut(ClusterStats.UpstreamCxDestroyLocal);

    private void ReadAndProcess()
    {
        if (_reading) return;
        _reading = true;
        var budget = MaxBytesPerTurn;
        while (_channel!.IsOpen && _request is { } request)
        {
            // Before the head nothing of this response can have filled it.
            if (_inBody && request.IsDownstreamFull)
            {
                // What was handed on leaves in one piece; only a client that takes no more stops the reading.
                request.FlushDownstream();
                if (_request is null || request.IsDownstreamFull) break;
            }
            if (budget <= 0)
            {
                _worker.Loop.NextTurn(_continue);
                break;
            }
            if (!_input.IsEmpty && Process()) continue;
            if (!_channel.IsOpen || _request is null || !_channel.MayRead) break;
            var count = _input.Receive(_channel, Math.Max(_limits.MaxHeadBytes + 1, BufferPool.BlockBytes));
            if (count == -Libc.EAGAIN) break;
            if (count <= 0)
            {
                OnPeerGone(count);
                break;
            }
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxRxBytesTotal, count);
            request.Info.UpstreamWireBytesReceived += count;
            budget -= count;
        }
        _reading = false;
        _request?.FlushDownstream();
        if (!_channel.IsOpen) return;
        _input.ReleaseIfEmpty();
        ShowBuffered();
    }

    /// <summary>Takes one thing out of the input. False = more bytes are needed.</summary>
    private bool Process()
    {
        var request = _request!;
        if (!_inBody) return ReadHead(request);
        var status = _body.Read(_input.Unread, _hasTrailers ? request.ResponseTrailers : null, _limits, out var consumed, out var data);
        if (status == ParseStatus.Failed)
        {
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxProtocolError);
            Lose(UpstreamFailure.ProtocolError);
            return false;
        }
        if (!data.IsEmpty) request.OnUpstreamData(data);
        _input.Consume(consumed);
        if (status != ParseStatus.Complete) return consumed > 0;
        if (_request is not null) FinishResponse();
        return false;
    }

    private bool ReadHead(UpstreamRequest request)
    {
        var isFirst = !_parser.HasStarted;
        var status = _parser.Parse(_input.Unread, request.ResponseHeaders, _limits, request.IsHeadRequest, out var consumed);
        if (_case.IsPreserved) KeepSpelling(request, _input.Unread[..consumed], isFirst);
        _input.Consume(consumed);
        if (status == ParseStatus.NeedMore) return false;
        if (status == ParseStatus.Failed)
        {
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxProtocolError);
            Lose(UpstreamFailure.ProtocolError);
            return false;
        }
        var code = _parser.StatusCode;
        if (code == 101 && !request.IsUpgrade)
        {
            // Nobody asked to switch: what follows would be read as the next response.
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxProtocolError);
            Lose(UpstreamFailure.ProtocolError);
            return false;
        }
        if (code < 200 && code != 101)
        {
            request.OnUpstreamInformational();
            request.ResponseHeaders.Clear();
            _parser.Reset();
            return true;
        }
        request.Info.UpstreamHeaderBytesReceived += _parser.HeadBytes;
        _body.Begin(_parser.Body, _parser.ContentLength);
        _inBody = true;
        var end = _body.IsComplete;
        request.OnUpstreamHead(code, end);
        if (_request is null) return false; // retried or reset
        if (end) FinishResponse();
        return !end;
    }

    private void KeepSpelling(UpstreamRequest request, ReadOnlySpan<byte> lines, bool isFirst)
    {
        var spelling = request.KeepResponseSpelling();
        if (isFirst) spelling.Begin(_case.IsProper);
        spelling.Remember(lines, _case.ForwardsReason);
    }

    private void FinishResponse()
    {
        var request = _request!;
        _request = null;
        if (!_parser.KeepAlive) _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxCloseNotify);
        var max = _pool.Host.Cluster.Config.MaxRequestsPerConnection ?? int.MaxValue;
        var reusable = _requestSent && _parser.KeepAlive && _parser.Body is not (BodyKind.UntilClose or BodyKind.Upgraded)
            && _input.IsEmpty && _output.IsEmpty && _channel!.IsOpen;
        if (reusable && _requests >= max)
        {
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxMaxRequests);
            reusable = false;
        }
        // Back to the pool first: a pipelined request that the end of this one starts takes the connection again.
        if (reusable) _pool.Release(this);
        else Close(wasIdle: false, ClusterStats.UpstreamCxDestroyLocal);
        request.OnUpstreamEnd();
    }

    private void OnPeerGone(int result)
    {
        if (result == 0 && _inBody && _body.EndsWithConnection)
        {
            var request = _request!;
            _request = null;
            request.OnUpstreamEnd();
            Close(wasIdle: false, ClusterStats.UpstreamCxDestroyRemote);
            return;
        }
        if (result < 0 && _request is not null) _request.Info.UpstreamClose = CloseType.RemoteReset;
        Lose(UpstreamFailure.ConnectionTermination);
    }

    private void Lose(UpstreamFailure failure)
    {
        var request = _request;
        _request = null;
        var reused = IsReused && !ResponseStarted;
        Close(wasIdle: false, ClusterStats.UpstreamCxDestroyRemoteWithActiveRq);
        request?.OnUpstreamReset(failure, reused);
    }

    private void OnIdleReadable()
    {
        // An end, an error, or bytes that nobody asked for: all three end the connection.
        Close(wasIdle: true, ClusterStats.UpstreamCxDestroyRemote);
    }

    private void OnTimer()
    {
        if (_connecting)
        {
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxConnectTimeout);
            FailConnect(UpstreamFailure.ConnectionTimeout, 0);
            return;
        }
        var timeout = _pool.Host.Cluster.Config.IdleTimeout;
        var left = _idle ? timeout - _worker.Loop.Since(_idleSince) : timeout;
        if (left > TimeSpan.Zero)
        {
            _worker.Loop.Start(_timer, left);
            return;
        }
        _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxIdleTimeout);
        CloseIdle();
    }

    /// <summary>An idle connection ends now, one in use with its request.</summary>
    private void OnMaxDuration()
    {
        _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxMaxDurationReached);
        if (_idle) CloseIdle();
        else Generation = HttpPool.NoGeneration;
    }

    private void FailConnect(UpstreamFailure failure, int errno)
    {
        _pool.Host.Counts.CxConnectFail++;
        Shut(ClusterStats.UpstreamCxDestroyLocal);
        _pool.OnConnectFailed(failure, errno);
    }

    private void Close(bool wasIdle, int reason)
    {
        if (_channel is not { IsOpen: true }) return;
        Shut(reason);
        _pool.OnClosed(this, wasIdle);
    }

    private void Shut(int reason)
    {
        _worker.Loop.Stop(_timer);
        if (_ageTimer is not null) _worker.Loop.Stop(_ageTimer);
        _channel?.Close();
        _input.Clear();
        _output.Clear();
        ShowBuffered();
        _idle = false;
        _breaker.AddConnection(-1);
        _pool.Host.Counts.CxActive--;
        _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxActive, -1);
        _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxDestroy);
        _worker.Stats.Add(ClusterStats, reason);
        if (reason == ClusterStats.UpstreamCxDestroyLocalWithActiveRq || reason == ClusterStats.UpstreamCxDestroyRemoteWithActiveRq)
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxDestroyWithActiveRq);
        _worker.Stats.Record(ClusterStats, ClusterStats.UpstreamCxLengthMs, _worker.Loop.MillisecondsOf(_worker.Loop.Timestamp - _connectBegin));
    }

    /// <summary>Bytes that wait in either direction, in the gauges; mostly none do and none did.</summary>
    private void ShowBuffered()
    {
        if (_input.Length != _shownInput)
        {
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxRxBytesBuffered, _input.Length - _shownInput);
            _shownInput = _input.Length;
        }
        if (_output.Length == _shownOutput) return;
        _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxTxBytesBuffered, _output.Length - _shownOutput);
        _shownOutput = _output.Length;
    }
}
