using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Cors.V3;
using Envoy.Extensions.Filters.Http.Fault.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.RequestId.Uuid.V3;
using Envoy.Type.V3;
using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Snapshot;
using Manager = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;
using Options = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types;

namespace Fairlead.ControlPlane.Translate.Listeners;

/// <summary>What a proxy says of itself that shapes its connection managers (Istio node metadata).</summary>
/// <param name="AcceptHttp10"><c>HTTP10</c>: answer HTTP/1.0 instead of 426.</param>
/// <param name="IdleTimeout"><c>IDLE_TIMEOUT</c> of downstream connections; null leaves Envoy's hour.</param>
/// <param name="Headers"><c>PROXY_CONFIG</c> or the mesh's default: which headers it adds.</param>
public sealed record HttpTraits(bool AcceptHttp10, TimeSpan? IdleTimeout, ProxyHeaders Headers);

/// <summary>The HTTP connection manager of a sidecar, with Istio's settings.</summary>
internal static class HttpConnectionFilter
{
    /// <summary>A manager whose routes come over RDS.</summary>
    public static Filter Outbound(string statPrefix, string routeName, DirectionTelemetry telemetry, HttpTraits traits)
    {
        var manager = Base(statPrefix, telemetry, traits);
        manager.Rds = new Rds { ConfigSource = ConfigSources.Ads(), RouteConfigName = routeName };
        manager.HttpFilters.Add(IstioFilters.PeerMetadataOutbound(traits.Headers.MetadataInMeshOnly));
        AddStandardFilters(manager);
        if (telemetry.Metrics)
            manager.HttpFilters.Add(IstioFilters.HttpStats(inbound: false));
        return Finish(manager, traits);
    }

    /// <summary>A manager in front of the application, its one route inline.</summary>
    public static Filter Inbound(string statPrefix, RouteConfiguration routes, DirectionTelemetry telemetry, HttpTraits traits)
    {
        var manager = Base(statPrefix, telemetry, traits);
        manager.RouteConfig = routes;
        if (traits.Headers is { Server: true, ServerName: "" })
            manager.ServerName = "istio-envoy";
        manager.ForwardClientCertDetails = Options.ForwardClientCertDetails.AppendForward;
        manager.SetCurrentClientCertDetails = new Options.SetCurrentClientCertDetails { Subject = true, Dns = true, Uri = true };
        manager.HttpFilters.Add(IstioFilters.PeerMetadataInbound());
        AddStandardFilters(manager);
        if (telemetry.Metrics)
            manager.HttpFilters.Add(IstioFilters.HttpStats(inbound: true));
        return Finish(manager, traits);
    }

    private static Manager Base(string statPrefix, DirectionTelemetry telemetry, HttpTraits traits)
    {
        var manager = new Manager
        {
            StatPrefix = statPrefix,
            UseRemoteAddress = false,
            NormalizePath = true,
            PathWithEscapedSlashesAction = Options.PathWithEscapedSlashesAction.KeepUnchanged,
            Proxy100Continue = true,
            StreamIdleTimeout = Durations.Zero,
            RequestIdExtension = new RequestIDExtension
            {
                TypedConfig = TypedConfig.Pack(new UuidRequestIdConfig { UseRequestIdForTraceSampling = telemetry.Tracing?.UseRequestId ?? true }),
            },
        };
        manager.UpgradeConfigs.Add(new Options.UpgradeConfig { UpgradeType = "websocket" });
        manager.AccessLog.AddRange(AccessLogs.Of(telemetry.AccessLogs));
        if (!traits.Headers.Server)
            manager.ServerHeaderTransformation = Options.ServerHeaderTransformation.PassThrough;
        else
            manager.ServerName = traits.Headers.ServerName;
        if (!traits.Headers.RequestId)
            manager.GenerateRequestId = false;
        if (traits.AcceptHttp10)
            manager.HttpProtocolOptions = new Http1ProtocolOptions { AcceptHttp10 = true };
        if (traits.IdleTimeout is { } idle)
            manager.CommonHttpProtocolOptions = new HttpProtocolOptions { IdleTimeout = Durations.Of(idle) };
        if (telemetry.Tracing is { } tracing)
        {
            manager.Tracing = new Options.Tracing
            {
                ClientSampling = new Percent { Value = 100 },
                RandomSampling = new Percent { Value = tracing.SamplingPercent },
                OverallSampling = new Percent { Value = 100 },
            };
        }

        return manager;
    }

    private static void AddStandardFilters(Manager manager)
    {
        manager.HttpFilters.Add(new HttpFilter
        {
            Name = "envoy.filters.http.grpc_stats",
            TypedConfig = TypedConfig.Pack(new Envoy.Extensions.Filters.Http.GrpcStats.V3.FilterConfig { EmitFilterState = true, StatsForAllMethods = false }),
        });
        manager.HttpFilters.Add(new HttpFilter { Name = "envoy.filters.http.fault", TypedConfig = TypedConfig.Pack(new HTTPFault()) });
        manager.HttpFilters.Add(new HttpFilter { Name = "envoy.filters.http.cors", TypedConfig = TypedConfig.Pack(new Cors()) });
    }

    private static Filter Finish(Manager manager, HttpTraits traits)
    {
        manager.HttpFilters.Add(new HttpFilter { Name = "envoy.filters.http.router", TypedConfig = TypedConfig.Pack(new Router { SuppressEnvoyHeaders = !traits.Headers.DebugHeaders }) });
        return new Filter { Name = "envoy.filters.network.http_connection_manager", TypedConfig = TypedConfig.Pack(manager) };
    }
}
