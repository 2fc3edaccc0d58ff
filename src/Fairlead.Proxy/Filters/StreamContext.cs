using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Filters;

/// <summary>What streams of one worker need beyond what its upstreams need: log files, the streams to reuse, the date.</summary>
internal sealed class StreamContext : WorkerContext
{
    public StreamContext(EventLoop loop, Dialer dial, StatShard stats, CircuitBreakerTable breakers, AccessLogSet accessLogs, ulong seed)
        : base(loop, dial, stats, breakers, seed)
    {
        AccessLogs = accessLogs;
        Streams = new HttpStreamPool(this);
        Date = new HttpDate(loop);
    }

    public AccessLogSet AccessLogs { get; }

    public HttpStreamPool Streams { get; }

    public HttpDate Date { get; }

    public PeerTable Peers { get; } = new(Routing.BytesComparer.Instance);

    /// <summary>
    /// Hook for Istio's metrics and the table of unknown destinations; called once per finished stream, after its log line. Runs
    /// on the worker's thread.
    /// </summary>
    public Action<StreamInfo, NetworkFilterConfig>? StreamEnded { get; set; }

    /// <summary>The same for a connection that lasts: called when it has its upstream, and at the intervals of Istio's stats filter.</summary>
    public Action<StreamInfo>? ConnectionReported { get; set; }
}
