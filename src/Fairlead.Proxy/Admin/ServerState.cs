using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Xds.Names;

namespace Fairlead.Proxy.Admin;

/// <summary>Where the server stands in its life, and the server-wide stats. Thread-safe.</summary>
internal sealed class ServerState
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly StatShard _shard;
    private readonly long _started;
    private Func<long> _connections = static () => 0;
    private Action<StatShard> _refresh = static _ => { };
    private bool _hasClusters;
    private bool _hasListeners;
    private bool _isComplete;
    private bool _hasWorkers;
    private bool _isDraining;
    private bool _hasFailedHealthCheck;

    public ServerState(StatRegistry registry, TimeProvider time, int workers)
    {
        _time = time;
        _started = time.GetTimestamp();
        Stats = ServerStats.Of(registry);
        _shard = registry.CreateShard();
        Workers = workers;
        _shard.Set(Stats, ServerStats.ServerConcurrency, workers);
    }

    /// <summary>envoy.admin.v3.ServerInfo.State.</summary>
    internal enum Phase
    {
        Live = 0,
        Draining = 1,
        PreInitializing = 2,
        Initializing = 3,
    }

    public ServerStats Stats { get; }

    public int Workers { get; }

    public TimeSpan Uptime => _time.GetElapsedTime(_started);

    /// <summary>CDS and LDS have been answered at least once.</summary>
    public bool HasInitialConfiguration
    {
        get
        {
            lock (_gate) return _hasClusters && _hasListeners;
        }
    }

    public Phase Current
    {
        get
        {
            lock (_gate)
            {
                if (_isDraining || _hasFailedHealthCheck) return Phase.Draining;
                if (!_hasWorkers) return Phase.PreInitializing;
                return _isComplete ? Phase.Live : Phase.Initializing;
            }
        }
    }

    public void WorkersStarted(Func<long> connections, Action<StatShard> refresh)
    {
        lock (_gate)
        {
            _hasWorkers = true;
            _refresh = refresh;
            _connections = connections;
        }
        Change(ServerStats.ListenerManagerWorkersStarted, 1);
    }

    public void ConfigurationComplete()
    {
        lock (_gate) _isComplete = true;
    }

    public void Draining()
    {
        lock (_gate) _isDraining = true;
    }

    public void SetHealthCheck(bool isFailed)
    {
        lock (_gate) _hasFailedHealthCheck = isFailed;
    }

    public void Connected(bool isConnected)
    {
        lock (_gate)
        {
            _shard.Add(Stats, isConnected ? ServerStats.ControlPlaneConnect : ServerStats.ControlPlaneDisconnect);
            _shard.Set(Stats, ServerStats.ControlPlaneConnectedState, isConnected ? 1 : 0);
            if (isConnected) return;
            _shard.Add(Stats, ServerStats.ClusterManagerCdsUpdateAttempt);
            _shard.Add(Stats, ServerStats.ClusterManagerCdsUpdateFailure);
            _shard.Add(Stats, ServerStats.ListenerManagerLdsUpdateAttempt);
            _shard.Add(Stats, ServerStats.ListenerManagerLdsUpdateFailure);
        }
    }

    public void Updated(string typeUrl, bool isAccepted)
    {
        lock (_gate)
        {
            if (typeUrl == TypeUrl.Cluster)
            {
                _hasClusters = true;
                _shard.Add(Stats, ServerStats.ClusterManagerCdsUpdateAttempt);
                _shard.Add(Stats, isAccepted ? ServerStats.ClusterManagerCdsUpdateSuccess : ServerStats.ClusterManagerCdsUpdateRejected);
            }
            else if (typeUrl == TypeUrl.Listener)
            {
                _hasListeners = true;
                _shard.Add(Stats, ServerStats.ListenerManagerLdsUpdateAttempt);
                _shard.Add(Stats, isAccepted ? ServerStats.ListenerManagerLdsUpdateSuccess : ServerStats.ListenerManagerLdsUpdateRejected);
            }
            _shard.Add(Stats, isAccepted ? ServerStats.ControlPlaneUpdateSuccess : ServerStats.ControlPlaneUpdateRejected);
        }
    }

    public void Happened(ConfigurationEvent happened, LiveConfiguration live)
    {
        lock (_gate)
        {
            int? counter = happened switch
            {
                ConfigurationEvent.ClusterAdded => ServerStats.ClusterManagerClusterAdded,
                ConfigurationEvent.ClusterModified => ServerStats.ClusterManagerClusterModified,
                ConfigurationEvent.ClusterRemoved => ServerStats.ClusterManagerClusterRemoved,
                ConfigurationEvent.ListenerAdded => ServerStats.ListenerManagerListenerAdded,
                ConfigurationEvent.ListenerModified => ServerStats.ListenerManagerListenerModified,
                ConfigurationEvent.ListenerRemoved => ServerStats.ListenerManagerListenerRemoved,
                ConfigurationEvent.Published => ServerStats.ClusterManagerClusterUpdated,
                ConfigurationEvent.ResolutionFailed => ServerStats.DnsNotFound,
                ConfigurationEvent.UnsupportedField => ServerStats.ServerUnsupportedFields,
                _ => null,
            };
            if (counter is { } offset) _shard.Add(Stats, offset);
            _shard.Set(Stats, ServerStats.ClusterManagerActiveClusters, live.ActiveClusters.Count);
            _shard.Set(Stats, ServerStats.ClusterManagerWarmingClusters, live.WarmingClusters.Count);
            _shard.Set(Stats, ServerStats.ListenerManagerTotalListenersActive, live.ActiveListeners.Count);
            _shard.Set(Stats, ServerStats.ListenerManagerTotalListenersWarming, live.WarmingListeners.Count);
        }
    }

    /// <summary>Brings the gauges up to date that nobody counts; called before stats are printed.</summary>
    public void Refresh()
    {
        lock (_gate)
        {
            _shard.Set(Stats, ServerStats.ServerUptime, (long)Uptime.TotalSeconds);
            _shard.Set(Stats, ServerStats.ServerTotalConnections, _connections());
            _refresh(_shard);
            _shard.Set(Stats, ServerStats.ServerMemoryAllocated, GC.GetTotalMemory(false));
            _shard.Set(Stats, ServerStats.ServerMemoryHeapSize, GC.GetGCMemoryInfo().HeapSizeBytes);
        }
        var phase = Current;
        lock (_gate)
        {
            _shard.Set(Stats, ServerStats.ServerLive, phase == Phase.Live ? 1 : 0);
            _shard.Set(Stats, ServerStats.ServerState, (long)phase);
        }
    }

    private void Change(int gauge, long value)
    {
        lock (_gate) _shard.Set(Stats, gauge, value);
    }
}
