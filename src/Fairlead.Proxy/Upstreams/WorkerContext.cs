using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Upstreams;

/// <summary>What every object of one worker needs: its loop, the current snapshot, its shard of statistics, its chance, its clusters.</summary>
internal class WorkerContext
{
    private ProxySnapshot _snapshot = ProxySnapshot.Empty;

    public WorkerContext(EventLoop loop, Dialer dial, StatShard stats, CircuitBreakerTable breakers, ulong seed)
    {
        Loop = loop;
        Dial = dial;
        Stats = stats;
        Breakers = breakers;
        Random = new RandomSource(seed);
        Clusters = new UpstreamClusters(this);
    }

    public EventLoop Loop { get; }

    public Dialer Dial { get; }

    public StatShard Stats { get; }

    public CircuitBreakerTable Breakers { get; }

    public RandomSource Random { get; }

    public UpstreamClusters Clusters { get; }

    public VirtualHostMemo VirtualHosts { get; } = new();

    /// <summary>The worker's view of the configuration; a request takes it once and keeps it.</summary>
    public ProxySnapshot Snapshot => _snapshot;

    /// <summary>The process is shutting down: responses carry connection: close.</summary>
    public bool IsDraining { get; set; }

    public void Adopt(ProxySnapshot snapshot)
    {
        _snapshot = snapshot;
        VirtualHosts.Clear();
        Clusters.Follow(snapshot);
    }
}
