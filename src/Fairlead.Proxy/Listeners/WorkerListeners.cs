using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Tcp;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Listeners;

/// <summary>
/// The listeners of one worker: binds what the snapshot binds, hands connections over by original destination, runs listener
/// filters, picks the filter chain and starts its protocol.
/// </summary>
internal sealed class WorkerListeners
{
    private static long _lastConnectionId;

    private readonly StreamContext _worker;
    private readonly EpollPoller _poller;
    private readonly ConnectionLimits _limits;
    private readonly Action<string> _report;
    private readonly Dictionary<string, ActiveListener> _active = new(StringComparer.Ordinal);
    private readonly Dictionary<IpEndpoint, ActiveListener> _byAddress = [];
    private readonly HashSet<Http1ServerConnection> _http = [];
    private readonly HashSet<TcpSession> _tcp = [];
    private readonly HashSet<PendingConnection> _pending = [];
    private readonly Dictionary<Http1ServerConnection, long> _leaving = []; // since when, as the loop counts
    private readonly TimeSpan _drainTime;
    private readonly ServerStats _server;
    private readonly LoopTimer _leaveTimer;

    public WorkerListeners(StreamContext worker, EpollPoller poller, ConnectionLimits limits, ServerStats server, TimeSpan drainTime, Action<string> report)
    {
        _server = server;
        _worker = worker;
        _poller = poller;
        _limits = limits;
        _drainTime = drainTime;
        _report = report;
        _leaveTimer = new LoopTimer(CloseLeft);
    }

    public int ConnectionCount => _http.Count + _tcp.Count + _pending.Count;

    /// <summary>Addresses this worker listens on.</summary>
    public IEnumerable<IpEndpoint> BoundAddresses => _active.Values.SelectMany(listener => listener.Sockets).Select(socket => socket.Address);

    /// <summary>Follows a snapshot: sockets of addresses that stay are kept, so no connection in a backlog is lost.</summary>
    public void Adopt(ProxySnapshot snapshot)
    {
        foreach (var name in _active.Keys.Where(name => !snapshot.Listeners.ContainsKey(name)).ToArray()) Remove(name);
        foreach (var listener in snapshot.Listeners.Values)
        {
            var isNew = !_active.TryGetValue(listener.Name, out var active);
            if (isNew) _active.Add(listener.Name, active = new ActiveListener(listener));
            else if (ReferenceEquals(active!.Snapshot, listener)) continue;
            var isBound = Update(active!, listener);
            if (isNew) _worker.Stats.Add(_server, isBound ? ServerStats.ListenerManagerListenerCreateSuccess : ServerStats.ListenerManagerListenerCreateFailure);
        }
        _byAddress.Clear();
        foreach (var active in _active.Values)
        {
            foreach (var address in active.Snapshot.Addresses) _byAddress[address] = active;
        }
        DrainLeft(snapshot);
    }

    /// <summary>Stops accepting; connections finish what they are doing.</summary>
    public void Drain()
    {
        foreach (var active in _active.Values) CloseSockets(active);
        foreach (var connection in _http.ToArray()) connection.Drain();
    }

    public void CloseAll()
    {
        foreach (var active in _active.Values) CloseSockets(active);
        foreach (var connection in _pending.ToArray()) connection.Close();
        foreach (var connection in _http.ToArray()) connection.Terminate();
        foreach (var session in _tcp.ToArray()) session.Terminate();
    }

    /// <summary>False: some address cannot be listened on.</summary>
    private bool Update(ActiveListener active, ListenerSnapshot listener)
    {
        var isBound = true;
        active.Snapshot = listener;
        foreach (var socket in active.Sockets.Where(socket => !listener.BindToPort || !listener.Addresses.Contains(socket.Configured)).ToArray())
        {
            socket.Accept.Close();
            active.Sockets.Remove(socket);
        }
        if (!listener.BindToPort || _worker.IsDraining) return isBound;
        foreach (var address in listener.Addresses)
        {
            if (active.Sockets.Any(socket => socket.Configured == address)) continue;
            try
            {
                var accept = AcceptSocket.Bind(_worker.Loop, _poller, listener, address, (fd, peer) => OnAccepted(active, fd, peer), _report);
                active.Sockets.Add(new BoundSocket(address, accept));
            }
            catch (SystemCallException failure)
            {
                _report($"listener {listener.Name}: {failure.Message}; the listener does not serve that address");
                isBound = false;
            }
        }
        return isBound;
    }

    private void Remove(string name)
    {
        if (!_active.Remove(name, out var active)) return;
        CloseSockets(active);
    }

    private static void CloseSockets(ActiveListener active)
    {
        foreach (var socket in active.Sockets) socket.Accept.Close();
        active.Sockets.Clear();
    }

    /// <summary>
    /// Connections whose filter chain is no longer configured go with their next answer. An idle one is not closed at once: its client may
    /// have sent a request that has not arrived yet. What is still idle after the drain time is closed.
    /// </summary>
    private void DrainLeft(ProxySnapshot snapshot)
    {
        foreach (var connection in _http)
        {
            var info = connection.Connection;
            if (snapshot.Listeners.TryGetValue(info.Listener.Name, out var current) && Holds(current, info.FilterChain)) continue;
            if (!_leaving.TryAdd(connection, _worker.Loop.Timestamp)) continue;
            connection.CloseAfterResponse();
            if (!_leaveTimer.IsRunning) _worker.Loop.Start(_leaveTimer, _drainTime);
        }
    }

    private void CloseLeft()
    {
        var limit = _worker.Loop.Timestamp - (long)(_drainTime.TotalSeconds * _worker.Loop.TimestampFrequency);
        foreach (var (connection, since) in _leaving.ToArray())
        {
            if (since <= limit) connection.Drain();
        }
        if (_leaving.Count > 0) _worker.Loop.Start(_leaveTimer, _drainTime);
    }

    private static bool Holds(ListenerSnapshot listener, FilterChainSnapshot? chain) =>
        ReferenceEquals(listener.DefaultFilterChain, chain) || listener.FilterChains.Any(other => ReferenceEquals(other, chain));

    private void OnAccepted(ActiveListener active, int fd, IpEndpoint remote)
    {
        var listener = active.Snapshot;
        var direct = SocketOptions.LocalAddress(fd);
        var local = direct;
        var restored = false;
        if (listener.UseOriginalDst || listener.ListenerFilters.Any(filter => filter.Kind == ListenerFilterKind.OriginalDst))
        {
            var original = SocketOptions.OriginalDestination(fd, direct.IsIPv6);
            if (original.IsSet && original != direct)
            {
                local = original;
                restored = true;
            }
        }
        if (listener.UseOriginalDst && restored) listener = HandOff(active, local).Snapshot;
        switch (_limits.TryAdd(listener.Name, listener.ConnectionLimit))
        {
            case ConnectionLimits.Verdict.ListenerFull:
                _worker.Stats.Add(listener.Stats, ListenerStats.DownstreamCxOverflow);
                Refuse(fd);
                return;
            case ConnectionLimits.Verdict.ProcessFull:
                _worker.Stats.Add(listener.Stats, ListenerStats.DownstreamGlobalCxOverflow);
                Refuse(fd);
                return;
        }
        SocketOptions.Set(fd, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, 1);
        if (listener.Keepalive is { } keepalive)
            new ConnectOptions(default, true, keepalive.Probes ?? 0, keepalive.IdleSeconds ?? 0, keepalive.IntervalSeconds ?? 0).Apply(fd);
        _worker.Stats.Add(listener.Stats, ListenerStats.DownstreamCxTotal);
        _worker.Stats.Add(listener.Stats, ListenerStats.DownstreamCxActive);
        var connection = new ConnectionInfo
        {
            Id = Interlocked.Increment(ref _lastConnectionId),
            Remote = remote,
            DirectLocal = direct,
            Local = local,
            IsRestored = restored,
            Listener = listener,
            AcceptedTimestamp = _worker.Loop.Timestamp,
        };
        var pending = new PendingConnection(_worker, SocketChannel.Accepted(_worker.Loop, _poller, fd, direct, remote), connection, OnInspected, OnPendingClosed);
        _pending.Add(pending);
        pending.Start();
    }

    /// <summary>The listener of exactly that address, else of the wildcard with that port, else the one that accepted.</summary>
    private ActiveListener HandOff(ActiveListener accepted, in IpEndpoint destination)
    {
        if (_byAddress.TryGetValue(destination, out var exact)) return exact;
        var any = destination.IsIPv6 ? IpEndpoint.FromIPv6(stackalloc byte[16], destination.Port) : IpEndpoint.FromIPv4(0, destination.Port);
        if (_byAddress.TryGetValue(any, out var wildcard)) return wildcard;
        // A dual-stack wildcard "[::]:port" takes IPv4 as well.
        return destination.IsIPv4 && _byAddress.TryGetValue(IpEndpoint.FromIPv6(stackalloc byte[16], destination.Port), out wildcard) ? wildcard : accepted;
    }

    private static void Refuse(int fd)
    {
        SocketOptions.AbortOnClose(fd);
        _ = Libc.Close(fd);
    }

    private void OnInspected(PendingConnection pending)
    {
        _pending.Remove(pending);
        var connection = pending.Connection;
        var chain = FilterChainMatcher.Select(connection.Listener, connection);
        connection.FilterChain = chain;
        if (chain is null)
        {
            RefuseUnmatched(pending);
            return;
        }
        switch (chain.Filters[^1])
        {
            case HttpConnectionManagerConfig http:
                var server = new Http1ServerConnection(_worker, pending.Channel, connection, http, OnHttpClosed);
                _http.Add(server);
                server.Start(pending.Received);
                break;
            case TcpProxyConfig tcp:
                var session = new TcpSession(_worker, pending.Channel, connection, tcp, OnTcpClosed);
                _tcp.Add(session);
                session.Start(pending.Received);
                break;
            case DirectResponseConfig direct:
                pending.Channel.Owner = new DirectResponder(_worker, pending.Channel, direct, () => OnClosed(connection));
                pending.Channel.Owner.OnWritable();
                break;
            case var other:
                throw new InvalidOperationException($"filter chain {chain.Name} ends in {other.GetType().Name}, which is not terminal");
        }
    }

    private void RefuseUnmatched(PendingConnection pending)
    {
        var connection = pending.Connection;
        var listener = connection.Listener;
        _worker.Stats.Add(listener.Stats, ListenerStats.NoFilterChainMatch);
        var info = new StreamInfo
        {
            StartTimestamp = connection.AcceptedTimestamp,
            StartTime = _worker.Loop.WallTime(connection.AcceptedTimestamp),
            EndTimestamp = _worker.Loop.Timestamp,
            ResponseCodeDetails = Filters.Detail.FilterChainNotFound,
        };
        connection.Describe(info);
        info.Flags.Set(ResponseFlag.NoRouteFound);
        _worker.AccessLogs.Write(listener.AccessLogs, info, _worker.Random);
        pending.Channel.Close();
        OnClosed(connection);
    }

    private void OnPendingClosed(PendingConnection pending)
    {
        _pending.Remove(pending);
        OnClosed(pending.Connection);
    }

    private void OnHttpClosed(Http1ServerConnection connection)
    {
        _http.Remove(connection);
        _leaving.Remove(connection);
        OnClosed(connection.Connection);
    }

    private void OnTcpClosed(TcpSession session)
    {
        _tcp.Remove(session);
        OnClosed(session.Connection);
    }

    private void OnClosed(ConnectionInfo connection)
    {
        _limits.Remove(connection.Listener.Name);
        var stats = connection.Listener.Stats;
        _worker.Stats.Add(stats, ListenerStats.DownstreamCxActive, -1);
        _worker.Stats.Add(stats, ListenerStats.DownstreamCxDestroy);
        _worker.Stats.Record(stats, ListenerStats.DownstreamCxLengthMs, _worker.Loop.MillisecondsOf(_worker.Loop.Timestamp - connection.AcceptedTimestamp));
    }

    private sealed class ActiveListener(ListenerSnapshot snapshot)
    {
        public ListenerSnapshot Snapshot { get; set; } = snapshot;

        public List<BoundSocket> Sockets { get; } = [];
    }

    /// <param name="Configured">As the listener names it (port 0 stays 0).</param>
    /// <param name="Accept">The socket.</param>
    private sealed record BoundSocket(IpEndpoint Configured, AcceptSocket Accept)
    {
        public IpEndpoint Address => Accept.Address;
    }
}
