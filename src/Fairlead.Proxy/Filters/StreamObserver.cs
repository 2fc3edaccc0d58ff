using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;

namespace Fairlead.Proxy.Filters;

/// <summary>What one worker does with a finished stream besides its log line: Istio's metrics and the table of unknown destinations.</summary>
/// <param name="metrics">Istio's standard series.</param>
/// <param name="seenUnknown">Called after a destination was recorded as unknown.</param>
internal sealed class StreamObserver(IstioMetrics metrics, Action seenUnknown)
{
    public UnknownDestinationTable Unknown { get; } = new(BytesComparer.Instance);

    public void OnEnded(StreamInfo info, NetworkFilterConfig config)
    {
        if (config is HttpConnectionManagerConfig manager)
        {
            if (StatsOf(manager) is { } options) metrics.RecordRequest(info, options);
        }
        else if (config is TcpProxyConfig)
        {
            Report(info, isEnd: true);
        }
        var isBlocked = IstioLabels.IsBlocked(info);
        if (isBlocked || IstioLabels.IsAllowedUnknown(info)) RecordUnknown(info, isBlocked);
    }

    /// <summary>A connection that lasts.</summary>
    public void OnReported(StreamInfo info) => Report(info, isEnd: false);

    private static IstioStatsOptions? StatsOf(HttpConnectionManagerConfig manager)
    {
        for (var i = 0; i < manager.Filters.Count; i++)
        {
            if (manager.Filters[i] is HttpFilterConfig.IstioStats stats) return stats.Options;
        }
        return null;
    }

    private void Report(StreamInfo info, bool isEnd)
    {
        if ((info.Connection as ConnectionInfo)?.Stats is { } stats) metrics.RecordConnection(info, stats.Options, isEnd);
    }

    private void RecordUnknown(StreamInfo info, bool isBlocked)
    {
        ReadOnlySpan<byte> host = default;
        var protocol = UnknownDestinationTable.DestinationProtocol.Tcp;
        if (info.RequestHeaders is { } headers)
        {
            host = WithoutPort(headers.Authority);
            protocol = UnknownDestinationTable.DestinationProtocol.Http;
        }
        else if (info.RequestedServerName is { } serverName)
        {
            host = serverName;
            protocol = UnknownDestinationTable.DestinationProtocol.Tls;
        }
        IpEndpoint address = info.DownstreamLocalAddress;
        Unknown.Record(host, address, protocol, isBlocked, info.StartTime);
        seenUnknown();
    }

    private static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> authority)
    {
        var colon = authority.LastIndexOf((byte)':');
        return colon < 0 || authority[colon..].Contains((byte)']') ? authority : authority[..colon];
    }
}
