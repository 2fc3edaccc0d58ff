using System.Buffers;
using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Listeners;

/// <summary>
/// A connection between accept and its filter chain: runs the listener filters over its first bytes, keeps those bytes for the
/// protocol that follows.
/// </summary>
internal sealed class PendingConnection : ChannelOwner
{
    private readonly StreamContext _worker;
    private readonly Channel _channel;
    private readonly Action<PendingConnection> _ready;
    private readonly Action<PendingConnection> _closed;
    private readonly LoopTimer _timer;
    private byte[] _bytes = [];
    private int _count;
    private int _filter;
    private bool _done;

    public PendingConnection(
        StreamContext worker, Channel channel, ConnectionInfo connection, Action<PendingConnection> ready, Action<PendingConnection> closed)
    {
        _worker = worker;
        _channel = channel;
        _ready = ready;
        _closed = closed;
        Connection = connection;
        _timer = new LoopTimer(OnTimeout);
        channel.Owner = this;
    }

    public ConnectionInfo Connection { get; }

    public Channel Channel => _channel;

    /// <summary>What was read while inspecting; belongs to the protocol.</summary>
    public ReadOnlySpan<byte> Received => _bytes.AsSpan(0, _count);

    private IReadOnlyList<ListenerFilterConfig> Filters => Connection.Listener.ListenerFilters;

    private ListenerStats Stats => Connection.Listener.Stats;

    public void Start()
    {
        _worker.Stats.Add(Stats, ListenerStats.DownstreamPreCxActive);
        if (!RunFilters()) return;
        var timeout = Connection.Listener.ListenerFiltersTimeout;
        if (timeout > TimeSpan.Zero) _worker.Loop.Start(_timer, timeout);
        OnReadable();
    }

    public override void OnReadable()
    {
        while (!_done && _channel.IsOpen && _channel.MayRead)
        {
            if (_count == _bytes.Length) Grow();
            var count = _channel.Receive(_bytes.AsSpan(_count));
            if (count == -Libc.EAGAIN) return;
            if (count < 0)
            {
                _worker.Stats.Add(Stats, ListenerStats.DownstreamListenerFilterError);
                if (_filter < Filters.Count && Filters[_filter].Kind == ListenerFilterKind.HttpInspector) _worker.Stats.Add(Stats, ListenerStats.HttpInspectorReadError);
                CountClose();
                Close();
                return;
            }
            _count += count;
            if (!RunFilters()) return;
            if (count == 0)
            {
                CountClose();
                Close();
                return;
            }
        }
    }

    public override void OnWritable()
    {
        // Nothing was sent yet, so nothing waits for room.
    }

    public void Close()
    {
        if (_done) return;
        Finish();
        _channel.Close();
        Release();
        _closed(this);
    }

    /// <summary>True = still waiting for bytes.</summary>
    private bool RunFilters()
    {
        while (_filter < Filters.Count)
        {
            var filter = Filters[_filter];
            var skipped = filter.Disabled is not null && filter.Disabled.Holds(Connection.Local.Port);
            if (!skipped && !Run(filter)) return !_done;
            if (_done) return false;
            _filter++;
        }
        BecomeReady();
        return false;
    }

    /// <summary>True = the filter is done with the connection.</summary>
    private bool Run(ListenerFilterConfig filter) => filter.Kind switch
    {
        ListenerFilterKind.OriginalDst => true, // restored at accept, before a hand-off was decided
        ListenerFilterKind.TlsInspector => InspectTls(filter),
        _ => InspectHttp(filter),
    };

    private bool InspectTls(ListenerFilterConfig filter)
    {
        var max = filter.MaxReadBytes > 0 ? filter.MaxReadBytes : 16 * 1024;
        var outcome = ClientHello.Read(Received, max, out var hello);
        switch (outcome)
        {
            case ClientHello.Outcome.NeedMore:
                return false;
            case ClientHello.Outcome.NotTls:
                _worker.Stats.Add(Stats, ListenerStats.TlsInspectorTlsNotFound);
                return true;
            case ClientHello.Outcome.TooLarge:
                _worker.Stats.Add(Stats, ListenerStats.TlsInspectorClientHelloTooLarge);
                Close();
                return false;
            case ClientHello.Outcome.Malformed when filter.CloseOnClientHelloError:
                Close();
                return false;
        }
        Connection.IsTls = true;
        _worker.Stats.Add(Stats, ListenerStats.TlsInspectorTlsFound);
        Connection.ServerName = hello?.ServerName;
        _worker.Stats.Add(Stats, hello?.ServerName is null ? ListenerStats.TlsInspectorSniNotFound : ListenerStats.TlsInspectorSniFound);
        if (hello is { Protocols.Count: > 0 }) Connection.ApplicationProtocols = hello.Protocols;
        _worker.Stats.Add(Stats, hello is { Protocols.Count: > 0 } ? ListenerStats.TlsInspectorAlpnFound : ListenerStats.TlsInspectorAlpnNotFound);
        return true;
    }

    private bool InspectHttp(ListenerFilterConfig filter)
    {
        if (Connection.IsTls) return true;
        var outcome = HttpInspection.Read(Received);
        if (outcome == HttpInspection.Outcome.NeedMore && filter.MaxReadBytes > 0 && _count >= filter.MaxReadBytes) outcome = HttpInspection.Outcome.NotHttp;
        switch (outcome)
        {
            case HttpInspection.Outcome.NeedMore:
                return false;
            case HttpInspection.Outcome.Http10:
                Connection.ApplicationProtocols = ["http/1.0"];
                _worker.Stats.Add(Stats, ListenerStats.HttpInspectorHttp10Found);
                break;
            case HttpInspection.Outcome.Http11:
                Connection.ApplicationProtocols = ["http/1.1"];
                _worker.Stats.Add(Stats, ListenerStats.HttpInspectorHttp11Found);
                break;
            case HttpInspection.Outcome.Http2:
                Connection.ApplicationProtocols = ["h2c"];
                _worker.Stats.Add(Stats, ListenerStats.HttpInspectorHttp2Found);
                break;
            default:
                _worker.Stats.Add(Stats, ListenerStats.HttpInspectorHttpNotFound);
                break;
        }
        return true;
    }

    private void OnTimeout()
    {
        _worker.Stats.Add(Stats, ListenerStats.DownstreamPreCxTimeout);
        if (!Connection.Listener.ContinueOnListenerFiltersTimeout)
        {
            Close();
            return;
        }
        BecomeReady();
    }

    private void BecomeReady()
    {
        Finish();
        _ready(this);
        Release();
    }

    private void Grow()
    {
        // Pooled: nine of ten connections need the first size, and garbage of every connection would fill the young generation.
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(512, _bytes.Length * 2));
        Received.CopyTo(larger);
        Release();
        _bytes = larger;
    }

    private void Release()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void CountClose()
    {
        _worker.Stats.Add(Stats, ListenerStats.DownstreamListenerFilterRemoteClose);
        if (_filter < Filters.Count && Filters[_filter].Kind == ListenerFilterKind.TlsInspector) _worker.Stats.Add(Stats, ListenerStats.TlsInspectorConnectionClosed);
    }

    private void Finish()
    {
        _done = true;
        _worker.Loop.Stop(_timer);
        _worker.Stats.Add(Stats, ListenerStats.DownstreamPreCxActive, -1);
    }
}
