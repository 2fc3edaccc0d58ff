using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Tcp;

/// <summary>
/// One connection through the TCP proxy filter: chooses cluster and host, connects, relays both directions with half close,
/// writes one log line. The downstream is not read before the upstream is there.
/// </summary>
internal sealed class TcpSession
{
    private static readonly byte[] ConnectionStart = "TcpConnectionStart"u8.ToArray();
    private static readonly byte[] UpstreamConnected = "TcpUpstreamConnected"u8.ToArray();
    private static readonly byte[] Periodic = "TcpPeriodic"u8.ToArray();

    private readonly StreamContext _worker;
    private readonly TcpProxyConfig _config;
    private readonly Action<TcpSession> _closed;
    private readonly Side _downstream;
    private readonly StreamInfo _info = new();
    private readonly LoopTimer _idleTimer;
    private readonly LoopTimer _connectTimer;
    private LoopTimer? _durationTimer;
    private LoopTimer? _logTimer;
    private LoopTimer? _reportTimer;
    private TimeSpan _reportInterval;
    private Side? _upstream;
    private Relay? _toUpstream;
    private Relay? _toDownstream;
    private WorkerCluster? _cluster;
    private UpstreamHost? _host;
    private CircuitBreaker? _breaker;
    private byte[] _received = [];
    private long _connectBegin;
    private int _attempts;
    private bool _connecting;
    private long _heldUpward;
    private long _heldDownward;
    private bool _ended;
    private bool _scheduled;
    private readonly Action _continue;

    public TcpSession(StreamContext worker, Channel channel, ConnectionInfo connection, TcpProxyConfig config, Action<TcpSession> closed)
    {
        _worker = worker;
        _config = config;
        _closed = closed;
        Connection = connection;
        _downstream = new Side(this, channel, isUpstream: false);
        channel.Owner = _downstream;
        _idleTimer = new LoopTimer(OnIdle);
        _continue = Continue;
        _connectTimer = new LoopTimer(() => OnConnectFailed(UpstreamFailure.ConnectionTimeout, 0));
    }

    public ConnectionInfo Connection { get; }

    public void Start(ReadOnlySpan<byte> alreadyRead)
    {
        _received = alreadyRead.ToArray();
        Connection.Describe(_info);
        _info.StartTimestamp = Connection.AcceptedTimestamp;
        _info.StartTime = _worker.Loop.WallTime(Connection.AcceptedTimestamp);
        _worker.Stats.Add(_config.Stats, TcpProxyStats.DownstreamCxTotal);
        if (_config.MaxDownstreamConnectionDuration > TimeSpan.Zero)
        {
            _durationTimer = new LoopTimer(OnMaxDuration);
            _worker.Loop.Start(_durationTimer, _config.MaxDownstreamConnectionDuration);
        }
        if (_config.FlushAccessLogOnStart) WriteLog(ConnectionStart);
        var choice = _config.Clusters.Pick(_worker.Random.Next());
        var snapshot = _worker.Snapshot.Cluster(choice.Name);
        if (snapshot is null)
        {
            _worker.Stats.Add(_config.Stats, TcpProxyStats.DownstreamCxNoRoute);
            _info.Flags.Set(ResponseFlag.NoClusterFound);
            CloseFor(LocalCloseReason.NoRoute);
            return;
        }
        _cluster = _worker.Clusters.Get(snapshot);
        _info.Cluster = snapshot;
        _info.UpstreamClusterName = snapshot.Config.NameUtf8;
        _info.UpstreamClusterAltStatName = snapshot.Config.StatNameUtf8;
        Connect();
    }

    /// <summary>The process ends.</summary>
    public void Terminate() => End(reset: false);

    private ClusterStats ClusterStats => _cluster!.Config.Stats;

    private void Connect()
    {
        _attempts++;
        _host = ChooseHost();
        if (_host is null)
        {
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxNoneHealthy);
            _info.Flags.Set(ResponseFlag.NoHealthyUpstream);
            CloseFor(LocalCloseReason.NoHealthyUpstream);
            return;
        }
        if (_info.UpstreamHost.IsSet) _info.KeepAttempt();
        _info.UpstreamHost = _host.Address;
        _info.UpstreamEndpoint = _host.Endpoint;
        _info.AttemptCount = _attempts;
        var breaker = _cluster!.DefaultBreaker;
        if (!breaker.CanConnect)
        {
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxOverflow);
            _info.Flags.Set(ResponseFlag.UpstreamOverflow);
            CloseFor(LocalCloseReason.ResourceLimitExceeded);
            return;
        }
        _breaker = breaker;
        breaker.AddConnection(1);
        _host.ActiveRequests++;
        _host.Counts.CxTotal++;
        _host.Counts.CxActive++;
        _connecting = true;
        _connectBegin = _worker.Loop.Timestamp;
        _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxTotal);
        _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxActive);
        var channel = _worker.Dial(_host.Address, _cluster.ConnectOptions, out var errno);
        if (channel is null)
        {
            if (_cluster.ConnectOptions.IsBindError(errno)) _worker.Stats.Add(ClusterStats, ClusterStats.BindErrors);
            _worker.Loop.Defer(() => OnConnectFailed(UpstreamFailure.LocalConnectionFailure, errno));
            return;
        }
        _upstream = new Side(this, channel, isUpstream: true);
        channel.Owner = _upstream;
        if (_cluster.Config.ConnectTimeout > TimeSpan.Zero) _worker.Loop.Start(_connectTimer, _cluster.Config.ConnectTimeout);
    }

    private UpstreamHost? ChooseHost()
    {
        if (_cluster!.Config.Discovery != DiscoveryType.OriginalDst) return _cluster.PickHost();
        if (!Connection.IsRestored) return null;
        var address = _cluster.Config.OriginalDst.PortOverride is { } port ? Connection.Local.WithPort(port) : Connection.Local;
        return _cluster.OriginalDestination(address);
    }

    private void OnConnected()
    {
        _connecting = false;
        _worker.Loop.Stop(_connectTimer);
        _info.UpstreamConnectBeginTimestamp = _connectBegin;
        _info.UpstreamConnectEndTimestamp = _worker.Loop.Timestamp;
        _info.UpstreamLocalAddress = _upstream!.Channel.Local;
        _worker.Stats.Record(ClusterStats, ClusterStats.UpstreamCxConnectMs, _worker.Loop.MillisecondsOf(_worker.Loop.Timestamp - _connectBegin));
        _toUpstream = new Relay(_worker.Loop.Buffers, _downstream.Channel, _upstream.Channel);
        _toDownstream = new Relay(_worker.Loop.Buffers, _upstream.Channel, _downstream.Channel);
        if (_config.FlushAccessLogOnConnected) WriteLog(UpstreamConnected);
        if (_config.AccessLogFlushInterval > TimeSpan.Zero) _worker.Loop.Start(_logTimer = new LoopTimer(OnLogInterval), _config.AccessLogFlushInterval);
        StartReports();
        _toUpstream.Queue(_received);
        _received = [];
        Touch();
        Move();
    }

    private void OnConnectFailed(UpstreamFailure failure, int errno)
    {
        if (_ended) return;
        _worker.Stats.Add(ClusterStats, failure == UpstreamFailure.ConnectionTimeout ? ClusterStats.UpstreamCxConnectTimeout : ClusterStats.UpstreamCxConnectFail);
        _host!.Counts.CxConnectFail++;
        DropUpstream(reset: false);
        _info.UpstreamTransportFailureReason = UpstreamFailureText.Of(failure, errno, responseStarted: false).TransportFailureReason;
        if (_attempts < _config.MaxConnectAttempts)
        {
            Connect();
            return;
        }
        _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxConnectAttemptsExceeded);
        _info.Flags.Set(ResponseFlag.UpstreamConnectionFailure);
        _info.Flags.Set(ResponseFlag.UpstreamRetryLimitExceeded);
        CloseFor(LocalCloseReason.ConnectFailed);
    }

    /// <summary>Moves what can be moved in both directions, then looks whether the session is over.</summary>
    private void Move()
    {
        if (_ended || _connecting || _toUpstream is null || _toDownstream is null) return;
        var sent = _toUpstream.Move(out var upward);
        var received = _toDownstream.Move(out var downward);
        if (sent > 0)
        {
            _info.BytesReceived += sent;
            _worker.Stats.Add(_config.Stats, TcpProxyStats.DownstreamCxRxBytesTotal, sent);
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxTxBytesTotal, sent);
        }
        if (received > 0)
        {
            _info.BytesSent += received;
            _worker.Stats.Add(_config.Stats, TcpProxyStats.DownstreamCxTxBytesTotal, received);
            _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxRxBytesTotal, received);
        }
        if (sent + received > 0) Touch();
        ShowHeld(_toUpstream.Held, _toDownstream.Held);
        if (upward == Relay.State.Broken || downward == Relay.State.Broken)
        {
            End(reset: true);
            return;
        }
        if (upward == Relay.State.Ended && downward == Relay.State.Ended)
        {
            End(reset: false);
            return;
        }
        if ((_toUpstream.HasMore || _toDownstream.HasMore) && !_scheduled)
        {
            _scheduled = true;
            _worker.Loop.NextTurn(_continue);
        }
    }

    /// <summary>What waits in either direction, in the gauges; a client whose bytes wait is not read from.</summary>
    private void ShowHeld(long upward, long downward)
    {
        var stats = _config.Stats;
        if (upward > 0 != _heldUpward > 0)
            _worker.Stats.Add(stats, upward > 0 ? TcpProxyStats.DownstreamFlowControlPausedReadingTotal : TcpProxyStats.DownstreamFlowControlResumedReadingTotal);
        if (upward != _heldUpward) _worker.Stats.Add(stats, TcpProxyStats.DownstreamCxRxBytesBuffered, upward - _heldUpward);
        if (downward != _heldDownward) _worker.Stats.Add(stats, TcpProxyStats.DownstreamCxTxBytesBuffered, downward - _heldDownward);
        (_heldUpward, _heldDownward) = (upward, downward);
    }

    private void Continue()
    {
        _scheduled = false;
        Move();
    }

    private void Touch()
    {
        if (_config.IdleTimeout > TimeSpan.Zero) _worker.Loop.Start(_idleTimer, _config.IdleTimeout);
    }

    private void OnIdle()
    {
        _worker.Stats.Add(_config.Stats, TcpProxyStats.IdleTimeout);
        CloseFor(LocalCloseReason.IdleTimeout);
    }

    private void OnLogInterval()
    {
        WriteLog(Periodic);
        _worker.Loop.Start(_logTimer!, _config.AccessLogFlushInterval);
    }

    /// <summary>A line about a connection that lasts; its duration is that up to now.</summary>
    private void WriteLog(byte[] type)
    {
        _info.LogType = type;
        TakeStock();
        _worker.AccessLogs.Write(_config.AccessLogs, _info, _worker.Random);
        _info.LogType = null;
    }

    /// <summary>Where Istio's stats filter stands in the chain: what it says of a connection is said while it lasts.</summary>
    private void StartReports()
    {
        if (Connection.Stats is not { } stats) return;
        _worker.ConnectionReported?.Invoke(_info);
        _reportInterval = stats.ReportingInterval;
        if (_reportInterval > TimeSpan.Zero) _worker.Loop.Start(_reportTimer = new LoopTimer(OnReportInterval), _reportInterval);
    }

    private void OnReportInterval()
    {
        _worker.ConnectionReported?.Invoke(_info);
        _worker.Loop.Start(_reportTimer!, _reportInterval);
    }

    private void TakeStock()
    {
        _info.EndTimestamp = _worker.Loop.Tick();
        _info.DownstreamWireBytesReceived = _info.UpstreamWireBytesSent = _info.BytesReceived;
        _info.DownstreamWireBytesSent = _info.UpstreamWireBytesReceived = _info.BytesSent;
    }

    private void OnMaxDuration()
    {
        _worker.Stats.Add(_config.Stats, TcpProxyStats.MaxDownstreamConnectionDuration);
        _info.Flags.Set(ResponseFlag.DurationTimeout);
        CloseFor(LocalCloseReason.MaxDuration);
    }

    /// <summary>This side ends the session: the client's connection for that reason, and an upstream's because of the client's.</summary>
    private void CloseFor(byte[] reason)
    {
        _info.DownstreamLocalCloseReason = reason;
        if (_upstream is not null) _info.UpstreamLocalCloseReason = LocalCloseReason.DownstreamClosedHere;
        End(reset: false);
    }

    private void DropUpstream(bool reset)
    {
        _worker.Loop.Stop(_connectTimer);
        _connecting = false;
        _upstream?.Channel.Close(reset);
        _upstream = null;
        if (_breaker is null) return;
        _breaker.AddConnection(-1);
        _breaker = null;
        _host!.ActiveRequests--;
        _host.Counts.CxActive--;
        _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxActive, -1);
        _worker.Stats.Add(ClusterStats, ClusterStats.UpstreamCxDestroy);
        _worker.Stats.Record(ClusterStats, ClusterStats.UpstreamCxLengthMs, _worker.Loop.MillisecondsOf(_worker.Loop.Timestamp - _connectBegin));
    }

    private void End(bool reset)
    {
        if (_ended) return;
        _ended = true;
        _worker.Loop.Stop(_idleTimer);
        if (_durationTimer is not null) _worker.Loop.Stop(_durationTimer);
        if (_logTimer is not null) _worker.Loop.Stop(_logTimer);
        if (_reportTimer is not null) _worker.Loop.Stop(_reportTimer);
        if (reset)
        {
            // One side was lost, and the other is told so.
            _info.DownstreamClose = _downstream.Channel.HasError ? CloseType.RemoteReset : CloseType.LocalReset;
            _info.UpstreamClose = _upstream is { Channel.HasError: true } ? CloseType.RemoteReset : CloseType.LocalReset;
            if (_info.DownstreamClose == CloseType.RemoteReset && _info.UpstreamClose == CloseType.LocalReset) _info.UpstreamLocalCloseReason = LocalCloseReason.DownstreamReset;
        }
        if (_cluster is not null) DropUpstream(reset);
        _downstream.Channel.Close(reset);
        if (_heldUpward > 0) _worker.Stats.Add(_config.Stats, TcpProxyStats.DownstreamCxRxBytesBuffered, -_heldUpward);
        if (_heldDownward > 0) _worker.Stats.Add(_config.Stats, TcpProxyStats.DownstreamCxTxBytesBuffered, -_heldDownward);
        _toUpstream?.Close();
        _toDownstream?.Close();
        TakeStock();
        _worker.AccessLogs.Write(_config.AccessLogs, _info, _worker.Random);
        _worker.StreamEnded?.Invoke(_info, _config);
        _closed(this);
    }

    private sealed class Side(TcpSession session, Channel channel, bool isUpstream) : ChannelOwner
    {
        public Channel Channel { get; } = channel;

        public override void OnConnected(int errno)
        {
            if (!isUpstream) throw new InvalidOperationException("an accepted channel does not connect");
            if (errno == 0) session.OnConnected();
            else session.OnConnectFailed(UpstreamFailure.RemoteConnectionFailure, errno);
        }

        public override void OnReadable() => session.Move();

        public override void OnWritable() => session.Move();
    }
}
