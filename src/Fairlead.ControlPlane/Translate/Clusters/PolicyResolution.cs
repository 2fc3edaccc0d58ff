using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate.Listeners;

namespace Fairlead.ControlPlane.Translate.Clusters;

/// <summary>
/// The policy in force for a service port and subset (Istio, <c>cluster_traffic_policy.go</c>): a port-level setting replaces the rule's
/// blocks altogether; a subset's blocks replace them one by one.
/// </summary>
internal static class PolicyResolution
{
    public static ClusterPolicy For(MeshDestinationRule? rule, int port, string subset, MeshSettings settings) =>
        ToCluster(Effective(rule, port, subset), settings);

    /// <summary>Of opaque connections to the service port.</summary>
    public static TcpTimeouts TcpFor(MeshDestinationRule? rule, int port, TcpTimeouts defaults)
    {
        var tcp = Effective(rule, port, "")?.ConnectionPool?.Tcp;
        return tcp is null ? defaults : new TcpTimeouts(tcp.IdleTimeout ?? defaults.Idle, tcp.MaxConnectionDuration ?? defaults.MaxDuration);
    }

    public static TrafficPolicy? Effective(MeshDestinationRule? rule, int port, string subset)
    {
        var policy = AtPort(rule?.Policy, port);
        if (subset.Length == 0 || rule?.Subset(subset)?.TrafficPolicy is not { } own)
            return policy;
        if (AtPort(own, port) is { } atPort && own.PortLevelSettings.Any(setting => setting.Port == port))
            return atPort;
        if (policy is null)
            return own;
        return policy with
        {
            LoadBalancer = own.LoadBalancer ?? policy.LoadBalancer,
            ConnectionPool = own.ConnectionPool ?? policy.ConnectionPool,
            OutlierDetection = own.OutlierDetection ?? policy.OutlierDetection,
            Tls = own.Tls ?? policy.Tls,
            Tunnel = own.Tunnel ?? policy.Tunnel,
            ProxyProtocol = own.ProxyProtocol ?? policy.ProxyProtocol,
            RetryBudget = own.RetryBudget ?? policy.RetryBudget,
        };
    }

    private static TrafficPolicy? AtPort(TrafficPolicy? policy, int port) =>
        policy?.PortLevelSettings.FirstOrDefault(setting => setting.Port == port)?.Policy ?? policy;

    public static ClusterPolicy ToCluster(TrafficPolicy? policy, MeshSettings settings)
    {
        var pool = policy?.ConnectionPool;
        var (tcp, http) = (pool?.Tcp, pool?.Http);
        return new ClusterPolicy
        {
            LoadBalancer = policy?.LoadBalancer?.Simple switch
            {
                SimpleLoadBalancer.RoundRobin => LoadBalancing.RoundRobin,
                SimpleLoadBalancer.Random => LoadBalancing.Random,
                SimpleLoadBalancer.Passthrough => LoadBalancing.Passthrough,
                _ => LoadBalancing.LeastRequest,
            },
            ConnectTimeout = tcp?.ConnectTimeout,
            MaxConnections = Limit(tcp?.MaxConnections),
            KeepAlive = tcp?.Keepalive is { } keepAlive
                ? new KeepAlive((uint)(keepAlive.Probes ?? 0), Seconds(keepAlive.Time), Seconds(keepAlive.Interval))
                : null,
            MaxConnectionDuration = tcp?.MaxConnectionDuration,
            MaxPendingRequests = Limit(http?.Http1MaxPendingRequests),
            MaxRequests = Limit(http?.Http2MaxRequests),
            MaxRetries = Limit(http?.MaxRetries),
            MaxRequestsPerConnection = (uint)Math.Max(0, http?.MaxRequestsPerConnection ?? 0),
            MaxConcurrentStreams = (uint)Math.Max(0, http?.MaxConcurrentStreams ?? 0),
            HttpIdleTimeout = http?.IdleTimeout ?? tcp?.IdleTimeout,
            Protocol = http switch
            {
                { UseClientProtocol: true } => UpstreamProtocol.AsDownstream,
                { H2UpgradePolicy: H2UpgradePolicy.Upgrade } => UpstreamProtocol.Http2,
                { H2UpgradePolicy: H2UpgradePolicy.DoNotUpgrade } => UpstreamProtocol.ByPort,
                _ => settings.H2Upgrade ? UpstreamProtocol.Http2 : UpstreamProtocol.ByPort,
            },
            RetryBudget = policy?.RetryBudget is { } budget ? new RetryBudgetPolicy(budget.Percent, (uint)Math.Max(0, budget.MinRetryConcurrency)) : null,
            // Plain connections where the rule wants protected ones would be worse than none.
            Forbidden = policy is { Tls.Mode: ClientTlsMode.Simple or ClientTlsMode.Mutual or ClientTlsMode.IstioMutual }
                || policy?.Tunnel is not null
                || policy?.ProxyProtocol is not null,
        };
    }

    private static uint Limit(int? value) => value is > 0 ? (uint)value.Value : uint.MaxValue;

    private static uint Seconds(TimeSpan? span) => span is { } time ? (uint)Math.Max(1, Math.Ceiling(time.TotalSeconds)) : 0;
}
