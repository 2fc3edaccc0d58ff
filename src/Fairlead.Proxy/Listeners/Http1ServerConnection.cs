using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Listeners;

/// <summary>
/// The downstream side of HTTP/1.x on one connection: reads requests one after the other, hands them to a stream, writes its
/// response. Pipelined bytes wait in the input buffer, bounded, until the response before them is complete.
/// </summary>
internal sealed partial class Http1ServerConnection : ServerConnection
{
    /// <summary>Bytes of response waiting for a slow client at which reading from the upstream stops, unless the listener's buffer limit is lower; half of it starts it again.</summary>
    public const int HighWatermarkBytes = 128 * 1024;

    private const int MaxBytesPerTurn = 128 * 1024; // then other connections of the loop have their turn
    private const int DrainReadBytes = 1024 * 1024; // what is read and thrown away after an early answer before the connection is cut

    private readonly StreamContext _worker;
    private readonly Channel _channel;
    private readonly InputBuffer _input;
    private readonly OutputQueue _output;
    private readonly HeadParser _parser = new(isRequest: true);
    private readonly BodyReader _body = new();
    private readonly Http1Limits _limits;
    private readonly int _watermark;
    private readonly Action<Http1ServerConnection> _closed;
    private readonly LoopTimer _idleTimer;
    private Action? _continue;
    private LoopTimer? _headersTimer;
    private LoopTimer? _ageTimer;
    private LoopTimer? _lingerTimer;
    private HttpStream? _stream;
    private Phase _phase = Phase.Idle;
    private bool _processing;
    private bool _reading;
    private bool _paused;
    private bool _resumed;
    private bool _closeAfterResponse;
    private bool _chunkedResponse;
    private bool _aboveWatermark;
    private bool _sendsLater;
    private bool _disconnected;
    private long _drained;
    private long _idleSince;
    private long _shownOutput;
    private int _shownInput;
    private int _requests;

    public Http1ServerConnection(
        StreamContext worker, Channel channel, ConnectionInfo connection, HttpConnectionManagerConfig config, Action<Http1ServerConnection> closed)
        : base(connection, config)
    {
        _worker = worker;
        _channel = channel;
        _closed = closed;
        _limits = new Http1Limits(config.MaxRequestHeaderBytes, config.MaxHeaders,
            config.Underscores == UnderscoreMode.RejectRequest, config.Underscores == UnderscoreMode.DropHeader, config.AllowChunkedLength);
        _watermark = connection.Listener.PerConnectionBufferLimitBytes is > 0 and < HighWatermarkBytes and var limit ? limit : HighWatermarkBytes;
        _input = new InputBuffer(worker.Loop.Buffers);
        _output = new OutputQueue(worker.Loop.Buffers);
        _idleTimer = new LoopTimer(OnIdleTimeout);
        channel.Owner = this;
    }

    public bool IsIdle => _phase == Phase.Idle;

    /// <summary>Begins with the bytes that listener filters have already taken from the channel.</summary>
    public void Start(ReadOnlySpan<byte> alreadyRead)
    {
        var stats = Config.Stats;
        _worker.Stats.Add(stats, HttpManagerStats.DownstreamCxTotal);
        _worker.Stats.Add(stats, HttpManagerStats.DownstreamCxHttp1Total);
        _worker.Stats.Add(stats, HttpManagerStats.DownstreamCxActive);
        _worker.Stats.Add(stats, HttpManagerStats.DownstreamCxHttp1Active);
        if (Config.MaxConnectionDuration > TimeSpan.Zero)
        {
            _ageTimer = new LoopTimer(OnMaxDuration);
            _worker.Loop.Start(_ageTimer, Config.MaxConnectionDuration);
        }
        StartIdleTimer();
        _input.Prepend(alreadyRead);
        Process();
        ReadAndProcess();
    }

    public override void OnReadable() => ReadAndProcess();

    public override void OnWritable() => SendNow();

    /// <summary>Answers in progress end with connection: close; an idle connection closes now.</summary>
    public void Drain()
    {
        if (_phase == Phase.Idle && _input.IsEmpty)
        {
            _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxDrainClose);
            CloseNow(reset: false);
            return;
        }
        _closeAfterResponse = true;
    }

    /// <summary>The stream's reader cannot take more request body for now.</summary>
    public override void PauseReading() => _paused = true;

    public override void ResumeReading()
    {
        if (!_paused) return;
        _paused = false;
        _resumed = true;
        if (_processing || _reading) return;
        Process();
        ReadAndProcess();
    }

    private void ReadAndProcess()
    {
        if (_reading) return;
        _reading = true;
        var budget = MaxBytesPerTurn;
        while (_channel.IsOpen && _channel.MayRead && !(_paused && _input.Length > 0))
        {
            if (budget <= 0)
            {
                _worker.Loop.NextTurn(_continue ??= ReadAndProcess);
                break;
            }
            var limit = _phase == Phase.Head || _phase == Phase.Idle ? Math.Max(_limits.MaxHeadBytes + 1, BufferPool.BlockBytes) : BufferPool.BlockBytes;
            var count = _input.Receive(_channel, limit);
            if (count == -Libc.EAGAIN || count == -Libc.ENOBUFS) break;
            if (count <= 0)
            {
                OnPeerGone(reset: count < 0);
                break;
            }
            _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxRxBytesTotal, count);
            budget -= count;
            Process();
        }
        _reading = false;
        if (!_channel.IsOpen) return;
        _input.ReleaseIfEmpty();
        ShowBuffered();
    }

    private void Process()
    {
        if (_processing) return;
        _processing = true;
        do
        {
            while (_channel.IsOpen && !_input.IsEmpty && Step())
            {
            }
            // Flushing may find room again and lift a pause that these very bytes caused.
            _resumed = false;
            _stream?.Router.FlushUpstream();
        }
        while (_resumed && _channel.IsOpen && !_input.IsEmpty);
        _processing = false;
    }

    /// <summary>One step of the request parser. False = nothing more can be done with the bytes at hand.</summary>
    private bool Step()
    {
        switch (_phase)
        {
            case Phase.Idle:
                BeginStream();
                return true;
            case Phase.Head:
                return ReadHead();
            case Phase.Body:
            case Phase.Tunnel:
                return !_paused && ReadBody();
            case Phase.Responding:
                return false;
            default:
                Discard();
                return false;
        }
    }

    private void BeginStream()
    {
        _phase = Phase.Head;
        _parser.Reset();
        _chunkedResponse = false;
        _stream = _worker.Streams.Rent();
        _stream.Begin(this);
        if (Config.HeaderCase.IsPreserved) _stream.RequestSpelling.Begin(Config.HeaderCase.IsProper);
        if (Config.RequestHeadersTimeout > TimeSpan.Zero)
            _worker.Loop.Start(_headersTimer ??= new LoopTimer(OnHeadersTimeout), Config.RequestHeadersTimeout);
    }

    private bool ReadHead()
    {
        var stream = _stream!;
        var status = _parser.Parse(_input.Unread, stream.RequestHeaders, _limits, requestMethodIsHead: false, out var consumed);
        if (Config.HeaderCase.IsPreserved) stream.RequestSpelling.Remember(_input.Unread[..consumed], keepReason: false);
        _input.Consume(consumed);
        stream.Info.DownstreamWireBytesReceived += consumed;
        if (status == ParseStatus.NeedMore) return false;
        if (_headersTimer is not null) _worker.Loop.Stop(_headersTimer);
        stream.Info.RequestHeaderBytes = _parser.HeadBytes;
        if (status == ParseStatus.Failed)
        {
            _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxProtocolError);
            _closeAfterResponse = true;
            _phase = Phase.Responding;
            stream.OnCodecError(_parser.Error);
            return true;
        }
        _requests++;
        if (!_parser.KeepAlive || _worker.IsDraining) _closeAfterResponse = true;
        if (_requests >= (Config.MaxRequestsPerConnection ?? int.MaxValue))
        {
            _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxMaxRequestsReached);
            _closeAfterResponse = true;
        }
        var upgrade = (_parser.WantsUpgrade && _parser.MinorVersion == 1) || _parser.IsConnect;
        _body.Begin(_parser.Body, _parser.ContentLength);
        var complete = _body.IsComplete && !upgrade;
        _phase = complete || upgrade ? Phase.Responding : Phase.Body;
        stream.OnRequestHead(_parser, upgrade, complete);
        return true;
    }

    private bool ReadBody()
    {
        var stream = _stream!;
        var status = _body.Read(_input.Unread, Config.EnableTrailers ? stream.RequestTrailers : null, _limits, out var consumed, out var data);
        stream.Info.DownstreamWireBytesReceived += consumed;
        if (status == ParseStatus.Failed)
        {
            _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxProtocolError);
            _closeAfterResponse = true;
            _phase = Phase.Responding;
            stream.OnCodecError(_body.Error);
            return true;
        }
        var complete = status == ParseStatus.Complete;
        if (complete) _phase = Phase.Responding;
        // The stream may answer at once and so end itself: consume first, the slice stays valid until the next receive.
        _input.Consume(consumed);
        if (!data.IsEmpty || complete) stream.OnRequestData(data, complete);
        return complete || (consumed > 0 && !_input.IsEmpty);
    }

    private void Discard()
    {
        _drained += _input.Length;
        _input.Consume(_input.Length);
        if (_drained > DrainReadBytes) CloseNow(reset: true);
    }

    private void OnPeerGone(bool reset)
    {
        if (_phase is Phase.Idle or Phase.Lingering)
        {
            CloseNow(reset: false);
            return;
        }
        if (_phase == Phase.Tunnel && !reset)
        {
            // An upgraded connection relays the end of the client's stream.
            _stream!.OnRequestData(default, end: true);
            _stream?.Router.FlushUpstream();
            return;
        }
        _disconnected = true;
        _stream?.OnDownstreamGone(reset ? CloseType.RemoteReset : CloseType.Normal);
        CloseNow(reset: false);
    }

    private enum Phase : byte
    {
        Idle,
        Head,
        Body,

        /// <summary>The request is complete (or given up); the response is awaited or on its way.</summary>
        Responding,

        /// <summary>After an upgrade: opaque bytes.</summary>
        Tunnel,

        /// <summary>Everything was said: waiting for the peer's end, reading only to throw away.</summary>
        Lingering,
    }
}
