using Envoy.Config.Listener.V3;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>envoy.config.listener.v3.Listener to <see cref="ListenerSnapshot"/>.</summary>
internal sealed class ListenerCompiler(CompileContext context)
{
    /// <summary>Filter chains of one listener; Istio's inbound listener has a handful per service port.</summary>
    public const int MaxFilterChains = 10_000;

    private static readonly Envoy.Config.Listener.V3.FilterChainMatch NoMatch = new(); // a chain that gives none matches as an empty one

    private readonly FilterChainCompiler _chains = new(context);
    private readonly AccessLogCompiler _logs = new(context);

    /// <param name="listener">The resource.</param>
    /// <param name="previous">What it compiled to before: equal filter chains are taken over, so that their connections stay.</param>
    /// <param name="isDynamic">Came by LDS.</param>
    public ListenerSnapshot Compile(Listener listener, ListenerSnapshot? previous, bool isDynamic)
    {
        var path = $"listener '{listener.Name}'";
        Check(listener, path);
        var addresses = new List<IpEndpoint> { ProtoValues.Socket(listener.Address, path + ".address") };
        for (var i = 0; i < listener.AdditionalAddresses.Count; i++)
        {
            addresses.Add(ProtoValues.Socket(listener.AdditionalAddresses[i].Address, $"{path}.additional_addresses[{i}].address"));
        }
        var chains = Chains(listener, previous, path);
        return new ListenerSnapshot
        {
            Name = listener.Name,
            Metadata = listener.Metadata,
            Addresses = addresses,
            BindToPort = listener.BindToPort ?? listener.DeprecatedV1?.BindToPort ?? true,
            UseOriginalDst = listener.UseOriginalDst ?? false,
            Direction = (TrafficDirection)listener.TrafficDirection,
            ListenerFilters = Filters(listener, path),
            ListenerFiltersTimeout = ProtoValues.Time(listener.ListenerFiltersTimeout, TimeSpan.FromSeconds(15), path + ".listener_filters_timeout"),
            ContinueOnListenerFiltersTimeout = listener.ContinueOnListenerFiltersTimeout,
            FilterChains = chains,
            DefaultFilterChain = listener.DefaultFilterChain is null ? null
                : _chains.Compile(listener.DefaultFilterChain, previous?.DefaultFilterChain, path + ".default_filter_chain"),
            AccessLogs = _logs.Compile(listener.AccessLog, path + ".access_log"),
            PerConnectionBufferLimitBytes = (int)Math.Min(listener.PerConnectionBufferLimitBytes ?? ListenerSnapshot.DefaultBufferLimitBytes, int.MaxValue),
            TcpBacklog = (int)Math.Min(listener.TcpBacklogSize ?? 4096, 65535),
            Transparent = listener.Transparent ?? false,
            Freebind = listener.Freebind ?? false,
            Keepalive = Keepalive(listener.TcpKeepalive),
            ConnectionLimit = RuntimeKeys.Connections(context.Runtime, RuntimeKeys.ListenerConnections(listener.Name)),
            IsDynamic = isDynamic,
            Stats = ListenerStats.Of(context.Stats, listener.StatPrefix.Length > 0 ? listener.StatPrefix : addresses[0].ToString().Replace(':', '_')),
        };
    }

    public static TcpKeepaliveConfig? Keepalive(Envoy.Config.Core.V3.TcpKeepalive? keepalive) => keepalive is null
        ? null
        : new TcpKeepaliveConfig((int?)keepalive.KeepaliveProbes, (int?)keepalive.KeepaliveTime, (int?)keepalive.KeepaliveInterval);

    private static void Check(Listener listener, string path)
    {
        if (listener.Name.Length == 0) throw new ConfigException("listener", "the name is empty");
        if (listener.FcdsConfig is not null) throw new ConfigException(path + ".fcds_config", "is not supported");
        if (listener.ApiListener is not null) throw new ConfigException(path + ".api_listener", "is not supported");
        if (listener.InternalListener is not null) throw new ConfigException(path + ".internal_listener", "is not supported");
        if (listener.FilterChains.Count == 0 && listener.DefaultFilterChain is null) throw new ConfigException(path + ".filter_chains", "is empty");
        if (listener.FilterChains.Count > MaxFilterChains) throw new ConfigException(path + ".filter_chains", $"more than {MaxFilterChains}");
    }

    private List<FilterChainSnapshot> Chains(Listener listener, ListenerSnapshot? previous, string path)
    {
        var chains = new List<FilterChainSnapshot>(listener.FilterChains.Count);
        var matches = new Dictionary<Envoy.Config.Listener.V3.FilterChainMatch, int>();
        var known = new Dictionary<Envoy.Config.Listener.V3.FilterChainMatch, FilterChainSnapshot>();
        foreach (var chain in previous?.FilterChains ?? []) known[chain.Declared?.FilterChainMatch ?? NoMatch] = chain;
        for (var i = 0; i < listener.FilterChains.Count; i++)
        {
            var declared = listener.FilterChains[i];
            var place = $"{path}.filter_chains[{i}]{(declared.Name.Length > 0 ? $"('{declared.Name}')" : string.Empty)}";
            var match = declared.FilterChainMatch ?? NoMatch;
            if (!matches.TryAdd(match, i))
            {
                throw new ConfigException(place + ".filter_chain_match", $"is the same as that of filter_chains[{matches[match]}]: the connections of one would never reach the other");
            }
            chains.Add(_chains.Compile(declared, known.GetValueOrDefault(match), place));
        }
        return chains;
    }

    private static List<ListenerFilterConfig> Filters(Listener listener, string path)
    {
        var filters = new List<ListenerFilterConfig>(listener.ListenerFilters.Count);
        for (var i = 0; i < listener.ListenerFilters.Count; i++)
        {
            filters.Add(ListenerFilterCompiler.Compile(listener.ListenerFilters[i], $"{path}.listener_filters[{i}]"));
        }
        return filters;
    }
}
