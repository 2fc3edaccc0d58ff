using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>The TCP proxy filter.</summary>
internal static class TcpProxyCompiler
{
    public static TcpProxyConfig Compile(TcpProxy proxy, CompileContext context, AccessLogCompiler logs, string path)
    {
        if (proxy.TunnelingConfig is not null) throw new ConfigException(path + ".tunneling_config", "is not supported: bytes would go out untunnelled");
        if (proxy.OnDemand is not null) throw new ConfigException(path + ".on_demand", "is not supported");
        var clusters = proxy.ClusterSpecifierCase switch
        {
            TcpProxy.ClusterSpecifierOneofCase.Cluster => ClusterSelection.Single(proxy.Cluster),
            TcpProxy.ClusterSpecifierOneofCase.WeightedClusters => Weighted(proxy.WeightedClusters, path + ".weighted_clusters"),
            _ => throw new ConfigException(path, "expected cluster or weighted_clusters"),
        };
        var options = proxy.AccessLogOptions;
        return new TcpProxyConfig
        {
            StatPrefix = proxy.StatPrefix,
            Clusters = clusters,
            IdleTimeout = ProtoValues.Time(proxy.IdleTimeout, TcpProxyConfig.DefaultIdleTimeout, path + ".idle_timeout"),
            MaxDownstreamConnectionDuration = ProtoValues.Time(proxy.MaxDownstreamConnectionDuration, TimeSpan.Zero, path + ".max_downstream_connection_duration"),
            MaxConnectAttempts = (int)Math.Clamp(proxy.MaxConnectAttempts ?? 1, 1, 1000),
            AccessLogs = logs.Compile(proxy.AccessLog, path + ".access_log"),
            AccessLogFlushInterval = ProtoValues.Time(options?.AccessLogFlushInterval ?? proxy.AccessLogFlushInterval, TimeSpan.Zero, path + ".access_log_flush_interval"),
            FlushAccessLogOnConnected = options?.FlushAccessLogOnConnected ?? proxy.FlushAccessLogOnConnected,
            FlushAccessLogOnStart = options?.FlushAccessLogOnStart ?? false,
            Stats = TcpProxyStats.Of(context.Stats, proxy.StatPrefix),
        };
    }

    private static ClusterSelection Weighted(TcpProxy.Types.WeightedCluster weighted, string path)
    {
        var total = weighted.Clusters.Sum(choice => (long)choice.Weight);
        if (total is 0 or > uint.MaxValue) throw new ConfigException(path, $"the weights add up to {total}; 1 to {uint.MaxValue} are possible");
        return ClusterSelection.Weighted([.. weighted.Clusters.Select(choice => new WeightedCluster { Name = choice.Name, Weight = choice.Weight })]);
    }
}
