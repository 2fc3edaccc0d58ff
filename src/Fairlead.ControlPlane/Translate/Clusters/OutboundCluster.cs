using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Fairlead.ControlPlane.Snapshot;
using Google.Protobuf.WellKnownTypes;
using Discovery = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType;

namespace Fairlead.ControlPlane.Translate.Clusters;

/// <summary>The cluster of one service port (and subset).</summary>
internal static class OutboundCluster
{
    /// <summary>Spreads the look-ups of many proxies (Istio, PILOT_DNS_JITTER_DURATION).</summary>
    private static readonly TimeSpan DnsJitter = TimeSpan.FromMilliseconds(100);

    public static Cluster Build(OutboundClusterInput input)
    {
        var discovery = DiscoveryOf(input);
        var cluster = new Cluster
        {
            Name = input.Name,
            Type = discovery,
            ConnectTimeout = Durations.Of(input.Policy.ConnectTimeout ?? input.Defaults.ConnectTimeout),
            LbPolicy = discovery == Discovery.OriginalDst ? Cluster.Types.LbPolicy.ClusterProvided : LoadBalancerOf(input.Policy.LoadBalancer),
            CommonLbConfig = new Cluster.Types.CommonLbConfig(),
            CircuitBreakers = CircuitBreakersOf(input.Policy),
            Metadata = MetadataOf(input),
        };
        AddDiscovery(cluster, discovery, input);
        if (input.Policy.KeepAlive is { } keepAlive)
            cluster.UpstreamConnectionOptions = new UpstreamConnectionOptions { TcpKeepalive = KeepAliveOf(keepAlive) };
        if (UpstreamHttp.OptionsFor(input.Protocol, input.Policy) is { } options)
            cluster.TypedExtensionProtocolOptions.Add(UpstreamHttp.ExtensionName, TypedConfig.Pack(options));
        return cluster;
    }

    private static Discovery DiscoveryOf(OutboundClusterInput input)
    {
        // Forbidden: a cluster that has no endpoints and cannot get any.
        if (input.Policy.Forbidden)
            return Discovery.Static;
        if (input.Policy.LoadBalancer == LoadBalancing.Passthrough)
            return Discovery.OriginalDst;
        return input.Discovery switch
        {
            ServiceDiscovery.Endpoints => Discovery.Eds,
            ServiceDiscovery.StrictDns => Discovery.StrictDns,
            ServiceDiscovery.LogicalDns => Discovery.LogicalDns,
            _ => Discovery.OriginalDst,
        };
    }

    private static void AddDiscovery(Cluster cluster, Discovery discovery, OutboundClusterInput input)
    {
        switch (discovery)
        {
            case Discovery.Eds:
                cluster.EdsClusterConfig = new Cluster.Types.EdsClusterConfig { EdsConfig = ConfigSources.Ads(), ServiceName = input.Name };
                break;
            case Discovery.StrictDns or Discovery.LogicalDns:
                cluster.DnsRefreshRate = Durations.Of(input.Defaults.DnsRefreshRate);
                cluster.DnsJitter = Durations.Of(DnsJitter);
                cluster.RespectDnsTtl = true;
                cluster.DnsLookupFamily = input.Defaults.Family switch
                {
                    LookupFamily.V6Only => Cluster.Types.DnsLookupFamily.V6Only,
                    LookupFamily.All => Cluster.Types.DnsLookupFamily.All,
                    _ => Cluster.Types.DnsLookupFamily.V4Only,
                };
                cluster.LoadAssignment = Endpoints.LoadAssignment.Build(new(input.Name, input.DnsEndpoints));
                break;
            case Discovery.OriginalDst when input.PortOverride != 0:
                cluster.OriginalDstLbConfig = new Cluster.Types.OriginalDstLbConfig { UpstreamPortOverride = (uint)input.PortOverride };
                break;
            case Discovery.Static:
                cluster.LoadAssignment = new ClusterLoadAssignment { ClusterName = input.Name };
                break;
        }
    }

    private static Cluster.Types.LbPolicy LoadBalancerOf(LoadBalancing balancer) => balancer switch
    {
        LoadBalancing.RoundRobin => Cluster.Types.LbPolicy.RoundRobin,
        LoadBalancing.Random => Cluster.Types.LbPolicy.Random,
        _ => Cluster.Types.LbPolicy.LeastRequest,
    };

    internal static CircuitBreakers CircuitBreakersOf(ClusterPolicy policy)
    {
        var thresholds = new CircuitBreakers.Types.Thresholds
        {
            MaxConnections = policy.MaxConnections,
            MaxPendingRequests = policy.MaxPendingRequests,
            MaxRequests = policy.MaxRequests,
            MaxRetries = policy.MaxRetries,
            TrackRemaining = true,
        };
        if (policy.RetryBudget is { } budget)
        {
            thresholds.RetryBudget = new CircuitBreakers.Types.Thresholds.Types.RetryBudget
            {
                BudgetPercent = new Envoy.Type.V3.Percent { Value = budget.Percent },
                MinRetryConcurrency = budget.MinConcurrency,
            };
        }

        return new CircuitBreakers { Thresholds = { thresholds } };
    }

    private static TcpKeepalive KeepAliveOf(KeepAlive keepAlive)
    {
        var made = new TcpKeepalive();
        if (keepAlive.Probes > 0)
            made.KeepaliveProbes = keepAlive.Probes;
        if (keepAlive.IdleSeconds > 0)
            made.KeepaliveTime = keepAlive.IdleSeconds;
        if (keepAlive.IntervalSeconds > 0)
            made.KeepaliveInterval = keepAlive.IntervalSeconds;
        return made;
    }

    /// <summary>What metrics and tools read: the service, whether it is outside the mesh, the subset, the rule.</summary>
    private static Metadata MetadataOf(OutboundClusterInput input)
    {
        var istio = new Struct();
        if (input.PolicySource is { } rule)
            istio.Fields.Add("config", Value.ForString(TypedConfig.ConfigPath(rule)));
        if (input.Service.External)
            istio.Fields.Add("external", Value.ForBool(true));
        istio.Fields.Add("services", TypedConfig.List(ServiceOf(input.Service)));
        if (input.Subset.Length > 0)
            istio.Fields.Add("subset", Value.ForString(input.Subset));
        return new Metadata { FilterMetadata = { { "istio", istio } } };
    }

    internal static Struct ServiceOf(ServiceIdentity service) => TypedConfig.Struct(
        ("host", Value.ForString(service.Host)),
        ("name", Value.ForString(service.Name)),
        ("namespace", Value.ForString(service.Namespace)));
}
