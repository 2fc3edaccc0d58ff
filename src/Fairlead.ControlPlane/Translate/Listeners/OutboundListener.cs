using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Listener.HttpInspector.V3;
using Envoy.Extensions.Filters.Listener.TlsInspector.V3;

namespace Fairlead.ControlPlane.Translate.Listeners;

/// <summary>A listener for one service port or for one address and port; it takes over from virtualOutbound and binds to nothing.</summary>
internal static class OutboundListener
{
    public static Listener Build(OutboundListenerInput input)
    {
        var listener = new Listener
        {
            Name = input.Name,
            Address = Addresses.Tcp(input.Address, input.Port),
            TrafficDirection = TrafficDirection.Outbound,
            BindToPort = false,
            ListenerFiltersTimeout = Durations.Zero,
            ContinueOnListenerFiltersTimeout = true,
        };
        foreach (var chain in input.Chains)
            listener.FilterChains.Add(chain switch
            {
                HttpChain http => Http(input, http),
                TcpChain tcp => Tcp(input, tcp),
                _ => throw new InvalidOperationException($"unknown chain {chain.GetType().Name}"),
            });
        if (input.Wildcard)
            listener.DefaultFilterChain = Fallback(input);
        AddInspectors(listener, input);
        listener.AccessLog.AddRange(AccessLogs.NoRoute(input.Defaults.Telemetry.AccessLogs));
        return listener;
    }

    /// <summary>Connections to the port that are neither HTTP nor for any service known here.</summary>
    private static FilterChain Fallback(OutboundListenerInput input)
    {
        var chain = new FilterChain { Name = "PassthroughFilterChain" };
        var target = input.Defaults.UnknownTraffic;
        chain.Filters.AddRange(TcpProxyFilters.Of(target, [new WeightedTarget(target)], input.Defaults.Telemetry, input.Defaults.Tcp));
        return chain;
    }

    private static FilterChain Http(OutboundListenerInput input, HttpChain http)
    {
        return new FilterChain
        {
            FilterChainMatch = new FilterChainMatch
            {
                TransportProtocol = "raw_buffer",
                ApplicationProtocols = { "http/1.0", "http/1.1", "h2c" },
            },
            Filters = { HttpConnectionFilter.Outbound($"outbound_{input.Name}", http.RouteName, input.Defaults.Telemetry, input.Defaults.Http) },
        };
    }

    private static FilterChain Tcp(OutboundListenerInput input, TcpChain tcp)
    {
        var chain = new FilterChain();
        if (!tcp.MatchesEverything)
        {
            chain.FilterChainMatch = new FilterChainMatch();
            chain.FilterChainMatch.PrefixRanges.AddRange(tcp.Ranges.Select(Addresses.Cidr));
            chain.FilterChainMatch.ServerNames.AddRange(tcp.ServerNames);
        }

        chain.Filters.AddRange(TcpProxyFilters.Of(tcp.StatPrefix, tcp.Targets, input.Defaults.Telemetry, tcp.Timeouts));
        return chain;
    }

    /// <summary>Only what the chains ask for is inspected: a server-first protocol must not wait for the client's first bytes.</summary>
    private static void AddInspectors(Listener listener, OutboundListenerInput input)
    {
        var sniffsHttp = input.Chains.Any(chain => chain is HttpChain);
        var readsNames = input.Chains.Any(chain => chain is TcpChain { ServerNames.Count: > 0 });
        if (sniffsHttp || readsNames)
            listener.ListenerFilters.Add(TlsInspector());
        if (sniffsHttp)
            listener.ListenerFilters.Add(HttpInspector());
    }

    internal static ListenerFilter TlsInspector() => new()
    {
        Name = "envoy.filters.listener.tls_inspector",
        TypedConfig = TypedConfig.Pack(new TlsInspector()),
    };

    internal static ListenerFilter HttpInspector() => new()
    {
        Name = "envoy.filters.listener.http_inspector",
        TypedConfig = TypedConfig.Pack(new HttpInspector()),
    };
}
