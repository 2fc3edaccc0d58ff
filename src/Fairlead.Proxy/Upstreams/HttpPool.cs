using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Upstreams;

/// <summary>
/// HTTP/1.1 connections of one worker to one host: idle ones are reused last in, first out; requests wait in order while new
/// connections are made, one connection per waiting request within the breaker's limit.
/// </summary>
internal sealed class HttpPool(UpstreamHost host)
{
    /// <summary>Of a connection that no pool takes back.</summary>
    public const int NoGeneration = -1;

    private readonly List<Http1ClientConnection> _idle = [];
    private readonly LinkedList<UpstreamRequest> _waiting = new();
    private int _busy;
    private int _connecting;
    private int _generation; // connections of an earlier one are not used again

    public UpstreamHost Host => host;

    public bool IsUnused => _idle.Count == 0 && _waiting.Count == 0 && _busy == 0 && _connecting == 0;

    public int IdleCount => _idle.Count;

    public int WaitingCount => _waiting.Count;

    public int ConnectingCount => _connecting;

    public int BusyCount => _busy;

    private StatShard Stats => host.Cluster.Worker.Stats;

    private ClusterStats ClusterStats => host.Cluster.Config.Stats;

    /// <summary>
    /// Gives the request a connection: at once when one is idle, else when one is made. Returns false when the breaker forbids to
    /// wait (overflow). The request hears OnUpstreamReady or OnUpstreamFailed, never inside this call except OnUpstreamReady.
    /// </summary>
    public bool Acquire(UpstreamRequest request, bool mustBeNew)
    {
        while (!mustBeNew && _idle.Count > 0)
        {
            var connection = _idle[^1];
            _idle.RemoveAt(_idle.Count - 1);
            Attach(connection, request);
            return true;
        }
        var breaker = request.Breaker;
        if (!breaker.CanQueue)
        {
            Stats.Add(ClusterStats, ClusterStats.UpstreamRqPendingOverflow);
            return false;
        }
        breaker.AddPending(1);
        Stats.Add(ClusterStats, ClusterStats.UpstreamRqPendingTotal);
        Stats.Add(ClusterStats, ClusterStats.UpstreamRqPendingActive);
        _waiting.AddLast(request.PoolNode);
        // max_connections is soft: a pool always may have one connection, so that a request can progress.
        if (_connecting < _waiting.Count && (breaker.CanConnect || _busy + _connecting == 0)) Connect(request);
        else if (!breaker.CanConnect) Stats.Add(ClusterStats, ClusterStats.UpstreamCxOverflow);
        return true;
    }

    /// <summary>A waiting request gives up. Its connection, if one is on the way, will serve another or become idle.</summary>
    public void Cancel(UpstreamRequest request)
    {
        if (request.PoolNode.List != _waiting) return;
        Unqueue(request);
    }

    public void CloseIdle()
    {
        while (_idle.Count > 0) _idle[^1].CloseIdle();
    }

    /// <summary>No connection that is there now serves another request.</summary>
    public void Renew()
    {
        _generation++;
        CloseIdle();
    }

    internal void OnConnected(Http1ClientConnection connection)
    {
        _connecting--;
        _busy++;
        connection.Generation = _generation;
        Release(connection);
    }

    internal void OnConnectFailed(UpstreamFailure failure, int errno)
    {
        _connecting--;
        Stats.Add(ClusterStats, ClusterStats.UpstreamCxConnectFail);
        // All who wait fail with it, as in Envoy: the host just showed that it takes no connections.
        for (var left = _waiting.Count; left > 0 && _waiting.First is { } node; left--)
        {
            Unqueue(node.Value);
            Stats.Add(ClusterStats, ClusterStats.UpstreamRqPendingFailureEject);
            node.Value.OnUpstreamFailed(failure, errno);
        }
    }

    /// <summary>A connection finished its request and may serve again.</summary>
    internal void Release(Http1ClientConnection connection)
    {
        if (connection.Generation != _generation)
        {
            _busy--;
            connection.CloseUnused();
            ConnectNext();
            return;
        }
        if (_waiting.First is { } node)
        {
            Unqueue(node.Value);
            connection.Begin(node.Value);
            return;
        }
        _busy--;
        if (host.IsDraining)
        {
            connection.CloseUnused();
            return;
        }
        _idle.Add(connection);
        connection.BecomeIdle();
    }

    /// <summary>A connection that was busy or idle is gone.</summary>
    internal void OnClosed(Http1ClientConnection connection, bool wasIdle)
    {
        if (wasIdle) _idle.Remove(connection);
        else _busy--;
        ConnectNext();
    }

    /// <summary>Somebody may wait for the place that became free.</summary>
    private void ConnectNext()
    {
        if (_waiting.First is { } node && _connecting < _waiting.Count && (node.Value.Breaker.CanConnect || _busy + _connecting == 0))
            Connect(node.Value);
    }

    private void Attach(Http1ClientConnection connection, UpstreamRequest request)
    {
        _busy++;
        connection.Begin(request);
    }

    private void Unqueue(UpstreamRequest request)
    {
        _waiting.Remove(request.PoolNode);
        request.Breaker.AddPending(-1);
        Stats.Add(ClusterStats, ClusterStats.UpstreamRqPendingActive, -1);
    }

    private void Connect(UpstreamRequest request)
    {
        _connecting++;
        Http1ClientConnection.Connect(this, request.Breaker);
    }
}
