using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Options = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;

namespace Fairlead.ControlPlane.Translate.Clusters;

/// <summary>The clusters that every sidecar has: the original destination, nowhere, and the application itself.</summary>
internal static class StandingClusters
{
    /// <summary>The proxy's source address towards its application: capture rules let it through (istio-init's 127.0.0.6).</summary>
    private const string InboundSource = "127.0.0.6";

    /// <summary>Idle upstream connections of unknown destinations are given up after this long (Istio).</summary>
    private static readonly TimeSpan PassthroughIdle = TimeSpan.FromMinutes(5);

    /// <summary>Addresses of unused original destinations are forgotten after this long (Istio, inbound).</summary>
    private static readonly TimeSpan InboundCleanup = TimeSpan.FromSeconds(60);

    public static Cluster Passthrough(TimeSpan connectTimeout, ClusterPolicy policy)
    {
        var cluster = OriginalDestination(ClusterNames.Passthrough, connectTimeout, policy);
        cluster.TypedExtensionProtocolOptions.Add(UpstreamHttp.ExtensionName, TypedConfig.Pack(new Options
        {
            CommonHttpProtocolOptions = new HttpProtocolOptions { IdleTimeout = Durations.Of(PassthroughIdle) },
            UseDownstreamProtocolConfig = AsDownstream(),
        }));
        return cluster;
    }

    public static Cluster BlackHole(TimeSpan connectTimeout) => new()
    {
        Name = ClusterNames.BlackHole,
        Type = Cluster.Types.DiscoveryType.Static,
        ConnectTimeout = Durations.Of(connectTimeout),
        LoadAssignment = new ClusterLoadAssignment { ClusterName = ClusterNames.BlackHole },
    };

    public static Cluster InboundPassthrough(TimeSpan connectTimeout)
    {
        var cluster = ToApplication(ClusterNames.InboundPassthrough, connectTimeout);
        cluster.TypedExtensionProtocolOptions.Add(UpstreamHttp.ExtensionName, TypedConfig.Pack(new Options { UseDownstreamProtocolConfig = AsDownstream() }));
        return cluster;
    }

    /// <summary>The application's port behind a service.</summary>
    public static Cluster Inbound(InboundClusterInput input)
    {
        var cluster = ToApplication(ClusterNames.Inbound(input.Port), input.ConnectTimeout);
        cluster.CleanupInterval = Durations.Of(InboundCleanup);
        cluster.CommonLbConfig = new Cluster.Types.CommonLbConfig();
        cluster.Metadata = new Metadata
        {
            FilterMetadata =
            {
                { "istio", TypedConfig.Struct(("services", TypedConfig.List([.. input.Services.Select(OutboundCluster.ServiceOf)]))) },
            },
        };
        if (UpstreamHttp.OptionsFor(input.Protocol, ClusterPolicy.Default) is { } options)
            cluster.TypedExtensionProtocolOptions.Add(UpstreamHttp.ExtensionName, TypedConfig.Pack(options));
        return cluster;
    }

    private static Cluster ToApplication(string name, TimeSpan connectTimeout)
    {
        var cluster = OriginalDestination(name, connectTimeout, ClusterPolicy.Default);
        cluster.UpstreamBindConfig = new BindConfig { SourceAddress = new SocketAddress { Address = InboundSource, PortValue = 0 } };
        return cluster;
    }

    private static Cluster OriginalDestination(string name, TimeSpan connectTimeout, ClusterPolicy policy) => new()
    {
        Name = name,
        Type = Cluster.Types.DiscoveryType.OriginalDst,
        ConnectTimeout = Durations.Of(connectTimeout),
        LbPolicy = Cluster.Types.LbPolicy.ClusterProvided,
        CircuitBreakers = OutboundCluster.CircuitBreakersOf(policy),
    };

    private static Options.Types.UseDownstreamHttpConfig AsDownstream() => new()
    {
        HttpProtocolOptions = new Http1ProtocolOptions(),
        Http2ProtocolOptions = new Http2ProtocolOptions(),
    };
}
