using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Upstreams;

/// <summary>What every object of one worker needs: its loop, the current snapshot, its shard of statistics, its chance, its pools.</summary>
internal sealed class WorkerContext
{
    private ProxySnapshot _snapshot = ProxySnapshot.Empty;

    public WorkerContext(EventLoop loop, Dialer dial, StatShard stats, CircuitBreakerTable breakers, AccessLogSet accessLogs, ulong seed)
    {
        Loop = loop;
        Dial = dial;
        Stats = stats;
        Breakers = breakers;
        AccessLogs = accessLogs;
        Random = new RandomSource(seed);
        Clusters = new UpstreamClusters(this);
        Streams = new HttpStreamPool(this);
        Date = new HttpDate(loop);
    }

    public EventLoop Loop { get; }

    public Dialer Dial { get; }

    public StatShard Stats { get; }

    public CircuitBreakerTable Breakers { get; }

    public AccessLogSet AccessLogs { get; }

    public RandomSource Random { get; }

    public UpstreamClusters Clusters { get; }

    public HttpStreamPool Streams { get; }

    public HttpDate Date { get; }

    /// <summary>Hook for Istio's metrics and the table of unknown destinations; called once per finished stream, after its log line.</summary>
    public Action<StreamInfo, NetworkFilterConfig>? StreamEnded { get; set; }

    /// <summary>The worker's view of the configuration; a request takes it once and keeps it.</summary>
    public ProxySnapshot Snapshot => _snapshot;

    /// <summary>The process is shutting down: responses carry connection: close.</summary>
    public bool IsDraining { get; set; }

    public void Adopt(ProxySnapshot snapshot)
    {
        _snapshot = snapshot;
        Clusters.Follow(snapshot);
    }
}
