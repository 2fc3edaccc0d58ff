using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate.Listeners;

/// <summary>One cluster of a weighted choice; the weight of a single one is irrelevant.</summary>
public sealed record WeightedTarget(string Cluster, uint Weight = 1);

/// <summary>What opaque connections are subject to.</summary>
/// <param name="Idle">Null leaves Envoy's hour.</param>
/// <param name="MaxDuration">Null: no limit.</param>
public sealed record TcpTimeouts(TimeSpan? Idle = null, TimeSpan? MaxDuration = null)
{
    public static TcpTimeouts None { get; } = new();
}

/// <summary>The network filters of a chain that copies bytes: metrics, then the TCP proxy.</summary>
internal static class TcpProxyFilters
{
    public static IEnumerable<Filter> Of(
        string statPrefix,
        ValueList<WeightedTarget> targets,
        DirectionTelemetry telemetry,
        TcpTimeouts timeouts,
        bool logged = true)
    {
        if (telemetry.Metrics)
            yield return IstioFilters.NetworkStats();
        var proxy = new TcpProxy { StatPrefix = statPrefix };
        if (targets.Count == 1)
        {
            proxy.Cluster = targets[0].Cluster;
        }
        else
        {
            proxy.WeightedClusters = new TcpProxy.Types.WeightedCluster();
            proxy.WeightedClusters.Clusters.AddRange(targets.Select(target =>
                new TcpProxy.Types.WeightedCluster.Types.ClusterWeight { Name = target.Cluster, Weight = target.Weight }));
        }

        if (timeouts.Idle is { } idle)
            proxy.IdleTimeout = Durations.Of(idle);
        if (timeouts.MaxDuration is { } limit)
            proxy.MaxDownstreamConnectionDuration = Durations.Of(limit);
        if (logged)
            proxy.AccessLog.AddRange(AccessLogs.Of(telemetry.AccessLogs));
        yield return new Filter { Name = "envoy.filters.network.tcp_proxy", TypedConfig = TypedConfig.Pack(proxy) };
    }
}
