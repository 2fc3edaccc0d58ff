using Envoy.Config.Cluster.V3;
using Envoy.Extensions.Upstreams.Http.V3;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Telemetry.Stats;
using Google.Protobuf.WellKnownTypes;
using Types = Envoy.Config.Cluster.V3.Cluster.Types;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>envoy.config.cluster.v3.Cluster to <see cref="CompiledCluster"/>.</summary>
internal sealed class ClusterCompiler(CompileContext context)
{
    private const string HttpOptionsKey = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    public CompiledCluster Compile(Cluster cluster, bool isDynamic)
    {
        var path = $"cluster '{cluster.Name}'";
        if (cluster.Name.Length == 0) throw new ConfigException("cluster", "the name is empty");
        ClusterSupport.Check(cluster, path);
        var http = HttpOptions(cluster, path);
        // Nothing is sent in a protocol that the upstream does not speak: such a cluster has no endpoints here (503), and FieldSupport names it.
        var isServed = !IsHttp2(http);
        var discovery = isServed ? Discovery(cluster, path) : DiscoveryType.Static;
        var edsFile = ProtoValues.SourceFile(cluster.EdsClusterConfig?.EdsConfig, path + ".eds_cluster_config.eds_config");
        var config = Config(cluster, discovery, http, isDynamic, path);
        var edsName = discovery != DiscoveryType.Eds ? null
            : cluster.EdsClusterConfig?.ServiceName is { Length: > 0 } service ? service : cluster.Name;
        var timeout = ProtoValues.Time(cluster.EdsClusterConfig?.EdsConfig?.InitialFetchTimeout, TimeSpan.FromSeconds(15), path + ".eds_cluster_config");
        return new CompiledCluster(config, isServed ? KnownEndpoints(cluster, discovery, path) : EndpointSet.Empty, edsName, timeout, isServed ? Names(cluster, discovery, path) : [])
        {
            EdsFile = edsName is null ? null : edsFile,
        };
    }

    private ClusterConfig Config(Cluster cluster, DiscoveryType discovery, HttpProtocolOptions http, bool isDynamic, string path)
    {
        var statName = cluster.AltStatName.Length > 0 ? cluster.AltStatName : cluster.Name;
        var common = http.CommonHttpProtocolOptions ?? cluster.CommonHttpProtocolOptions;
        var http1 = Http1(http) ?? cluster.HttpProtocolOptions;
        var istio = cluster.Metadata?.FilterMetadata.GetValueOrDefault("istio");
        var keepalive = cluster.UpstreamConnectionOptions?.TcpKeepalive;
        return new ClusterConfig
        {
            Name = cluster.Name,
            NameUtf8 = System.Text.Encoding.UTF8.GetBytes(cluster.Name),
            StatNameUtf8 = System.Text.Encoding.UTF8.GetBytes(statName),
            Discovery = discovery,
            Policy = Policy(cluster, discovery, path),
            LeastRequestChoices = (int)(cluster.LeastRequestLbConfig?.ChoiceCount ?? 2),
            LeastRequestBias = cluster.LeastRequestLbConfig?.ActiveRequestBias?.DefaultValue ?? 1.0,
            ConnectTimeout = ProtoValues.Time(cluster.ConnectTimeout, ClusterConfig.DefaultConnectTimeout, path + ".connect_timeout"),
            IdleTimeout = ProtoValues.Time(common?.IdleTimeout, ClusterConfig.DefaultIdleTimeout, path + ".idle_timeout"),
            MaxConnectionDuration = ProtoValues.Time(common?.MaxConnectionDuration, TimeSpan.Zero, path + ".max_connection_duration"),
            MaxStreamDuration = ProtoValues.Time(common?.MaxStreamDuration, TimeSpan.Zero, path + ".max_stream_duration"),
            MaxRequestsPerConnection = (int?)ProtoValues.Limit(common?.MaxRequestsPerConnection ?? cluster.MaxRequestsPerConnection),
            PerConnectionBufferLimitBytes = (int)Math.Min(cluster.PerConnectionBufferLimitBytes ?? 1024 * 1024, int.MaxValue),
            MaxResponseHeaderBytes = (int)Math.Min(common?.MaxResponseHeadersKb ?? 60, 8192) * 1024,
            MaxResponseHeaders = (int)(common?.MaxHeadersCount ?? 100),
            Underscores = (UnderscoreMode)(common?.HeadersWithUnderscoresAction ?? 0),
            Protocol = http.UseDownstreamProtocolConfig is not null ? UpstreamProtocolMode.UseDownstream : UpstreamProtocolMode.Http1,
            HeaderCase = HttpManagerCompiler.HeaderCase(http1?.HeaderKeyFormat, path),
            EnableTrailers = http1?.EnableTrailers ?? false,
            AllowChunkedLength = http1?.AllowChunkedLength ?? false,
            DefaultLimits = Limits(cluster, Envoy.Config.Core.V3.RoutingPriority.Default),
            HighLimits = Limits(cluster, Envoy.Config.Core.V3.RoutingPriority.High),
            Keepalive = ListenerCompiler.Keepalive(keepalive),
            BindAddress = Bind(cluster, path),
            PanicThresholdPercent = cluster.CommonLbConfig?.HealthyPanicThreshold?.Value ?? 50,
            CloseConnectionsOnHostSetChange = cluster.CommonLbConfig?.CloseConnectionsOnHostSetChange ?? false,
            OriginalDst = OriginalDst(cluster, path),
            Dns = Dns(cluster, path),
            IsDynamic = isDynamic,
            Metadata = cluster.Metadata,
            IsExternal = Flag(istio, "external"),
            DisableMetadataExchange = Flag(istio, "disable_mx"),
            Service = Service(istio),
            Stats = ClusterStats.Of(context.Stats, statName),
        };
    }

    private static DiscoveryType Discovery(Cluster cluster, string path)
    {
        if (cluster.ClusterDiscoveryTypeCase == Cluster.ClusterDiscoveryTypeOneofCase.ClusterType)
        {
            throw new ConfigException(path + ".cluster_type", $"'{cluster.ClusterType.Name}' is not supported");
        }
        return cluster.Type switch
        {
            Types.DiscoveryType.Static => DiscoveryType.Static,
            Types.DiscoveryType.StrictDns => DiscoveryType.StrictDns,
            Types.DiscoveryType.LogicalDns => DiscoveryType.LogicalDns,
            Types.DiscoveryType.Eds => DiscoveryType.Eds,
            Types.DiscoveryType.OriginalDst => DiscoveryType.OriginalDst,
            _ => throw new ConfigException(path + ".type", $"{cluster.Type} does not exist"),
        };
    }

    private static LoadBalancingPolicy Policy(Cluster cluster, DiscoveryType discovery, string path)
    {
        if (discovery == DiscoveryType.OriginalDst)
        {
            return cluster.LbPolicy == Types.LbPolicy.ClusterProvided
                ? LoadBalancingPolicy.ClusterProvided
                : throw new ConfigException(path + ".lb_policy", "an ORIGINAL_DST cluster needs CLUSTER_PROVIDED");
        }
        return cluster.LbPolicy switch
        {
            Types.LbPolicy.RoundRobin => LoadBalancingPolicy.RoundRobin,
            Types.LbPolicy.LeastRequest => LoadBalancingPolicy.LeastRequest,
            Types.LbPolicy.Random => LoadBalancingPolicy.Random,
            Types.LbPolicy.ClusterProvided => throw new ConfigException(path + ".lb_policy", "CLUSTER_PROVIDED is for ORIGINAL_DST clusters"),
            _ => throw new ConfigException(path + ".lb_policy", $"{cluster.LbPolicy} is not supported"),
        };
    }

    private static HttpProtocolOptions HttpOptions(Cluster cluster, string path)
    {
        if (!cluster.TypedExtensionProtocolOptions.TryGetValue(HttpOptionsKey, out var any)) return new HttpProtocolOptions();
        var config = Xds.Json.TypedConfig.Open(any, path + ".typed_extension_protocol_options");
        return config.Read(HttpProtocolOptions.Parser);
    }

    private static bool IsHttp2(HttpProtocolOptions options) => options.ExplicitHttpConfig?.ProtocolConfigCase
        is HttpProtocolOptions.Types.ExplicitHttpConfig.ProtocolConfigOneofCase.Http2ProtocolOptions
        or HttpProtocolOptions.Types.ExplicitHttpConfig.ProtocolConfigOneofCase.Http3ProtocolOptions;

    private static Envoy.Config.Core.V3.Http1ProtocolOptions? Http1(HttpProtocolOptions options) => options.UpstreamProtocolOptionsCase switch
    {
        HttpProtocolOptions.UpstreamProtocolOptionsOneofCase.ExplicitHttpConfig => options.ExplicitHttpConfig.HttpProtocolOptions,
        HttpProtocolOptions.UpstreamProtocolOptionsOneofCase.UseDownstreamProtocolConfig => options.UseDownstreamProtocolConfig.HttpProtocolOptions,
        HttpProtocolOptions.UpstreamProtocolOptionsOneofCase.AutoConfig => options.AutoConfig.HttpProtocolOptions,
        _ => null,
    };

    private static CircuitBreakerLimits Limits(Cluster cluster, Envoy.Config.Core.V3.RoutingPriority priority)
    {
        var thresholds = cluster.CircuitBreakers?.Thresholds.FirstOrDefault(entry => entry.Priority == priority);
        if (thresholds is null) return CircuitBreakerLimits.EnvoyDefault;
        var envoy = CircuitBreakerLimits.EnvoyDefault;
        return new CircuitBreakerLimits
        {
            MaxConnections = thresholds.MaxConnections ?? envoy.MaxConnections,
            MaxPendingRequests = thresholds.MaxPendingRequests ?? envoy.MaxPendingRequests,
            MaxRequests = thresholds.MaxRequests ?? envoy.MaxRequests,
            MaxRetries = thresholds.MaxRetries ?? envoy.MaxRetries,
            RetryBudgetPercent = thresholds.RetryBudget is null ? null : thresholds.RetryBudget.BudgetPercent?.Value ?? 20,
            RetryBudgetMinConcurrency = thresholds.RetryBudget?.MinRetryConcurrency ?? 3,
            TrackRemaining = thresholds.TrackRemaining,
        };
    }

    private static IpEndpoint Bind(Cluster cluster, string path) => cluster.UpstreamBindConfig?.SourceAddress is { } source
        ? ProtoValues.Socket(source, path + ".upstream_bind_config.source_address")
        : default;

    private static ClusterConfig.OriginalDstOptions OriginalDst(Cluster cluster, string path)
    {
        var options = cluster.OriginalDstLbConfig;
        var header = options?.HttpHeaderName is { Length: > 0 } name ? name : "x-envoy-original-dst-host";
        return new ClusterConfig.OriginalDstOptions(
            options?.UseHttpHeader ?? false,
            ProtoValues.Lower(header),
            (int?)options?.UpstreamPortOverride,
            ProtoValues.Time(cluster.CleanupInterval, TimeSpan.FromSeconds(5), path + ".cleanup_interval"));
    }

    private static ClusterConfig.DnsOptions Dns(Cluster cluster, string path)
    {
        var refresh = ProtoValues.Time(cluster.DnsRefreshRate, TimeSpan.FromSeconds(5), path + ".dns_refresh_rate");
        var failure = cluster.DnsFailureRefreshRate;
        var failureBase = ProtoValues.Time(failure?.BaseInterval, refresh, path + ".dns_failure_refresh_rate");
        return new ClusterConfig.DnsOptions(
            (Fairlead.Proxy.Dns.LookupFamily)cluster.DnsLookupFamily,
            refresh,
            cluster.RespectDnsTtl,
            failureBase,
            ProtoValues.Time(failure?.MaxInterval, failure is null ? refresh : failureBase * 10, path + ".dns_failure_refresh_rate"),
            ProtoValues.Time(cluster.DnsJitter, TimeSpan.Zero, path + ".dns_jitter"));
    }

    private static EndpointSet? KnownEndpoints(Cluster cluster, DiscoveryType discovery, string path)
    {
        if (discovery == DiscoveryType.OriginalDst)
        {
            return cluster.LoadAssignment is null ? EndpointSet.Empty
                : throw new ConfigException(path + ".load_assignment", "an ORIGINAL_DST cluster has no endpoints of its own");
        }
        if (discovery != DiscoveryType.Static) return null;
        return cluster.LoadAssignment is null ? EndpointSet.Empty
            : EndpointCompiler.Compile(new EndpointResource(cluster.LoadAssignment), null, path + ".load_assignment");
    }

    private static List<CompiledCluster.DnsName> Names(Cluster cluster, DiscoveryType discovery, string path)
    {
        var names = new List<CompiledCluster.DnsName>();
        if (discovery is not (DiscoveryType.StrictDns or DiscoveryType.LogicalDns)) return names;
        foreach (var locality in cluster.LoadAssignment?.Endpoints ?? [])
        {
            foreach (var endpoint in locality.LbEndpoints)
            {
                var place = path + ".load_assignment";
                if (endpoint.Endpoint?.Address?.SocketAddress is not { } socket) throw new ConfigException(place, "a DNS endpoint needs a socket_address");
                var traits = EndpointCompiler.Traits(endpoint, place);
                names.Add(new CompiledCluster.DnsName(socket.Address, ProtoValues.Port(socket, place), traits, locality));
            }
        }
        return discovery != DiscoveryType.LogicalDns || names.Count == 1 ? names
            : throw new ConfigException(path + ".load_assignment", $"a LOGICAL_DNS cluster has exactly one endpoint, not {names.Count}");
    }

    private static bool Flag(Struct? istio, string key) =>
        istio is not null && istio.Fields.TryGetValue(key, out var value) && value is { HasBoolValue: true, BoolValue: true };

    private static ClusterConfig.IstioService? Service(Struct? istio)
    {
        if (istio is null || !istio.Fields.TryGetValue("services", out var services)) return null;
        if (services.ListValue?.Values.FirstOrDefault()?.StructValue is not { } first) return null;
        return new ClusterConfig.IstioService(Text(first, "host"), Text(first, "name"), Text(first, "namespace"));
    }

    private static string Text(Struct value, string key) =>
        value.Fields.TryGetValue(key, out var text) && text.HasStringValue ? text.StringValue : string.Empty;
}
