using Envoy.Config.Listener.V3;
using Fairlead.Xds.Json;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>One filter chain: match, and network filters up to the terminal one.</summary>
internal sealed class FilterChainCompiler
{
    private readonly CompileContext _context;
    private readonly HttpManagerCompiler _http;
    private readonly AccessLogCompiler _logs;

    public FilterChainCompiler(CompileContext context)
    {
        _context = context;
        _http = new HttpManagerCompiler(context);
        _logs = new AccessLogCompiler(context);
    }

    /// <param name="chain">What to compile.</param>
    /// <param name="previous">What stands in its place by now; it is kept when nothing changed.</param>
    /// <param name="path">Where it stands.</param>
    public FilterChainSnapshot Compile(FilterChain chain, FilterChainSnapshot? previous, string path)
    {
        if (previous is not null && chain.Equals(previous.Declared)) return previous;
        if (chain.TransportSocket is { } socket && !ClusterSupport.IsPlaintext(socket))
        {
            throw new ConfigException(path + ".transport_socket", $"'{socket.Name}' is not supported: TLS would not be terminated");
        }
        var filters = new List<NetworkFilterConfig>(chain.Filters.Count);
        for (var i = 0; i < chain.Filters.Count; i++)
        {
            if (filters.Count > 0 && filters[^1].IsTerminal) throw new ConfigException($"{path}.filters[{i}]", "stands after a terminal filter");
            if (Filter(chain.Filters[i], $"{path}.filters[{i}]") is { } filter) filters.Add(filter);
        }
        if (filters.Count == 0 || !filters[^1].IsTerminal) throw new ConfigException(path + ".filters", "the last filter is not terminal");
        return new FilterChainSnapshot
        {
            Name = chain.Name,
            NameUtf8 = System.Text.Encoding.UTF8.GetBytes(chain.Name),
            Match = Match(chain.FilterChainMatch, path + ".filter_chain_match"),
            Filters = filters,
            Metadata = chain.Metadata,
            Declared = chain,
        };
    }

    private static FilterChainMatch Match(Envoy.Config.Listener.V3.FilterChainMatch? match, string path)
    {
        if (match is null) return FilterChainMatch.Any;
        if (match.AddressSuffix.Length > 0) throw new ConfigException(path + ".address_suffix", "is not supported");
        return new FilterChainMatch
        {
            DestinationPort = (int?)match.DestinationPort,
            DestinationPrefixes = ProtoValues.Prefixes(match.PrefixRanges, path + ".prefix_ranges"),
            ServerNames = [.. match.ServerNames.Select((name, i) => ServerName(name, $"{path}.server_names[{i}]"))],
            TransportProtocol = match.TransportProtocol.Length == 0 ? null : match.TransportProtocol,
            ApplicationProtocols = [.. match.ApplicationProtocols],
            DirectSourcePrefixes = ProtoValues.Prefixes(match.DirectSourcePrefixRanges, path + ".direct_source_prefix_ranges"),
            SourceType = (FilterChainMatch.SourceKind)match.SourceType,
            SourcePrefixes = ProtoValues.Prefixes(match.SourcePrefixRanges, path + ".source_prefix_ranges"),
            SourcePorts = [.. match.SourcePorts.Select(port => (int)port)],
        };
    }

    private static FilterChainMatch.ServerNamePattern ServerName(string name, string path)
    {
        var isWildcard = name.StartsWith("*.", StringComparison.Ordinal);
        var text = isWildcard ? name[1..] : name;
        if (text.Contains('*')) throw new ConfigException(path, $"'{name}': a wildcard is '*.' at the start and nowhere else");
        return new FilterChainMatch.ServerNamePattern(ProtoValues.Lower(text), isWildcard);
    }

    private NetworkFilterConfig? Filter(Filter filter, string path)
    {
        if (filter.ConfigDiscovery is not null) throw new ConfigException(path + ".config_discovery", "is not supported");
        var config = TypedConfig.Open(filter.TypedConfig, path);
        switch (config.TypeName)
        {
            case "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager":
                return _http.Compile(
                    config.Read(Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Parser), path);
            case "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy":
                return TcpProxyCompiler.Compile(config.Read(Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy.Parser), _context, _logs, path);
            case "envoy.extensions.filters.network.direct_response.v3.Config":
                var direct = config.Read(Envoy.Extensions.Filters.Network.DirectResponse.V3.Config.Parser);
                return new DirectResponseConfig(ProtoValues.Data(direct.Response, _context, path + ".response"));
            case "stats.PluginConfig":
                return IstioFilterCompiler.TcpStats(config.Read(Istio.Stats.PluginConfig.Parser));
            case "envoy.tcp.metadataexchange.config.MetadataExchange":
                // Acts only on connections that negotiated the ALPN istio-peer-exchange, which needs TLS termination: there are none.
                return null;
            default:
                throw new ConfigException(path, $"network filter '{filter.Name}' ({config.TypeName}) is not supported");
        }
    }
}
