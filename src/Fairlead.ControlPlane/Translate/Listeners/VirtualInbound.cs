using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Listener.OriginalDst.V3;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate.Listeners;

/// <summary>
/// One port of the workload that a service exposes.
/// <c>Port</c>: On the pod.
/// <c>Host</c>: Of the service.
/// <c>ServicePort</c>: As callers name it.
/// </summary>
public sealed record InboundPort(int Port, Protocol Protocol, string Host, int ServicePort);

/// <summary>Everything the inbound listener is made from; equality is the cache key.</summary>
public sealed record InboundListenerInput(ValueList<InboundPort> Ports, DirectionTelemetry Telemetry, HttpTraits Http, TcpTimeouts Tcp);

/// <summary>The listener that capture redirects arriving connections to: per service port, then anything.</summary>
internal static class VirtualInbound
{
    public const int Port = 15006;

    public static Listener Build(InboundListenerInput input)
    {
        var listener = new Listener
        {
            Name = "virtualInbound",
            Address = Addresses.Tcp(OutboundListenerInput.AnyAddress, Port),
            TrafficDirection = TrafficDirection.Inbound,
            ListenerFiltersTimeout = Durations.Zero,
            ContinueOnListenerFiltersTimeout = true,
        };
        listener.ListenerFilters.Add(new ListenerFilter
        {
            Name = "envoy.filters.listener.original_dst",
            TypedConfig = TypedConfig.Pack(new OriginalDst()),
        });
        listener.ListenerFilters.Add(OutboundListener.TlsInspector());
        listener.ListenerFilters.Add(HttpInspectorWhereNeeded(input));
        listener.FilterChains.Add(BlackHole(input));
        listener.FilterChains.Add(CatchAllHttp(input));
        listener.FilterChains.Add(CatchAllTcp(input));
        foreach (var port in input.Ports)
            listener.FilterChains.AddRange(Chains(input, port));
        listener.AccessLog.AddRange(AccessLogs.NoRoute(input.Telemetry.AccessLogs));
        return listener;
    }

    /// <summary>A declared protocol needs no look at the first bytes, which a server-first one would wait for in vain.</summary>
    private static ListenerFilter HttpInspectorWhereNeeded(InboundListenerInput input)
    {
        var inspector = OutboundListener.HttpInspector();
        var declared = input.Ports.Where(port => port.Protocol != Protocol.Auto).Select(port => port.Port).Distinct().ToArray();
        var rules = declared.Select(port => new ListenerFilterChainMatchPredicate
        {
            DestinationPortRange = new Envoy.Type.V3.Int32Range { Start = port, End = port + 1 },
        }).ToArray();
        if (rules.Length == 1)
        {
            inspector.FilterDisabled = rules[0];
        }
        else if (rules.Length > 1)
        {
            inspector.FilterDisabled = new ListenerFilterChainMatchPredicate { OrMatch = new ListenerFilterChainMatchPredicate.Types.MatchSet() };
            inspector.FilterDisabled.OrMatch.Rules.AddRange(rules);
        }

        return inspector;
    }

    private static FilterChain BlackHole(InboundListenerInput input)
    {
        var chain = new FilterChain
        {
            Name = "virtualInbound-blackhole",
            FilterChainMatch = new FilterChainMatch { DestinationPort = Port },
        };
        chain.Filters.AddRange(TcpProxyFilters.Of(
            ClusterNames.BlackHole, [new WeightedTarget(ClusterNames.BlackHole)], input.Telemetry, TcpTimeouts.None, logged: false));
        return chain;
    }

    private static FilterChain CatchAllHttp(InboundListenerInput input) => new()
    {
        Name = "virtualInbound-catchall-http",
        FilterChainMatch = SniffedHttp(),
        Filters =
        {
            HttpConnectionFilter.Inbound(
                ClusterNames.InboundPassthrough, InboundRoutes(ClusterNames.InboundPassthrough, ":0/*"), input.Telemetry, input.Http),
        },
    };

    private static FilterChain CatchAllTcp(InboundListenerInput input)
    {
        var chain = new FilterChain { Name = "virtualInbound" };
        chain.Filters.AddRange(TcpProxyFilters.Of(
            ClusterNames.InboundPassthrough, [new WeightedTarget(ClusterNames.InboundPassthrough)], input.Telemetry, input.Tcp));
        return chain;
    }

    private static IEnumerable<FilterChain> Chains(InboundListenerInput input, InboundPort port)
    {
        var cluster = ClusterNames.Inbound(port.Port);
        var name = $"{OutboundListenerInput.AnyAddress}_{port.Port}";
        if (port.Protocol.IsHttp() || port.Protocol == Protocol.Auto)
        {
            var match = port.Protocol == Protocol.Auto ? SniffedHttp() : new FilterChainMatch();
            match.DestinationPort = (uint)port.Port;
            yield return new FilterChain
            {
                Name = name,
                FilterChainMatch = match,
                Filters =
                {
                    HttpConnectionFilter.Inbound(
                        $"inbound_{name}", InboundRoutes(cluster, $"{port.Host}:{port.ServicePort}/*"), input.Telemetry, input.Http),
                },
            };
        }

        if (port.Protocol.IsHttp())
            yield break;
        var tcp = new FilterChain { Name = name, FilterChainMatch = new FilterChainMatch { DestinationPort = (uint)port.Port } };
        tcp.Filters.AddRange(TcpProxyFilters.Of(cluster, [new WeightedTarget(cluster)], input.Telemetry, input.Tcp));
        yield return tcp;
    }

    private static FilterChainMatch SniffedHttp() => new()
    {
        TransportProtocol = "raw_buffer",
        ApplicationProtocols = { "http/1.0", "http/1.1", "h2c" },
    };

    private static RouteConfiguration InboundRoutes(string cluster, string operation) => new()
    {
        Name = cluster,
        ValidateClusters = false,
        VirtualHosts =
        {
            new VirtualHost
            {
                Name = "inbound|http|0",
                Domains = { "*" },
                Routes =
                {
                    new Route
                    {
                        Name = "default",
                        Match = new RouteMatch { Prefix = "/" },
                        Decorator = new Decorator { Operation = operation },
                        Route_ = new RouteAction
                        {
                            Cluster = cluster,
                            Timeout = Durations.Zero,
                            MaxStreamDuration = new RouteAction.Types.MaxStreamDuration { GrpcTimeoutHeaderMax = Durations.Zero },
                        },
                    },
                },
            },
        },
    };
}
