using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Fairlead.Xds.Json;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>The HTTP filters of a connection manager.</summary>
internal sealed class HttpFilterCompiler(CompileContext context)
{
    /// <summary>Those that Envoy's router can check.</summary>
    private static readonly string[] CheckedHeaders =
        ["x-envoy-upstream-rq-timeout-ms", "x-envoy-upstream-rq-per-try-timeout-ms", "x-envoy-max-retries", "x-envoy-retry-on", "x-envoy-retry-grpc-on"];

    public List<HttpFilterConfig> Compile(IReadOnlyList<HttpFilter> filters, string path)
    {
        var result = new List<HttpFilterConfig>(filters.Count);
        for (var i = 0; i < filters.Count; i++)
        {
            var place = $"{path}[{i}]('{filters[i].Name}')";
            if (result.Count > 0 && result[^1] is HttpFilterConfig.Router) throw new ConfigException(place, "stands after the router");
            if (filters[i].Disabled) continue;
            if (One(filters[i], place) is { } filter) result.Add(filter);
        }
        return result is [.., HttpFilterConfig.Router] ? result : throw new ConfigException(path, "the last filter is not the router");
    }

    private HttpFilterConfig? One(HttpFilter filter, string path)
    {
        if (filter.ConfigDiscovery is not null) throw new ConfigException(path + ".config_discovery", "is not supported");
        var config = TypedConfig.Open(filter.TypedConfig, path);
        switch (config.TypeName)
        {
            case "envoy.extensions.filters.http.router.v3.Router":
                return Router(filter.Name, config.Read(Envoy.Extensions.Filters.Http.Router.V3.Router.Parser), path);
            case "io.istio.http.peer_metadata.Config":
                return IstioFilterCompiler.PeerMetadata(
                    filter.Name, config.Read(Io.Istio.Http.PeerMetadata.Config.Parser), context, path);
            case "stats.PluginConfig":
                return new HttpFilterConfig.IstioStats { Name = filter.Name, Options = IstioFilterCompiler.Options(config.Read(Istio.Stats.PluginConfig.Parser)) };
            case "envoy.extensions.filters.http.grpc_stats.v3.FilterConfig":
            case "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig":
            case "envoy.extensions.filters.http.cors.v3.Cors":
                return new HttpFilterConfig.Inert { Name = filter.Name };
            case "envoy.extensions.filters.http.fault.v3.HTTPFault":
                var fault = config.Read(Envoy.Extensions.Filters.Http.Fault.V3.HTTPFault.Parser);
                return fault.Delay is null && fault.Abort is null && fault.ResponseRateLimit is null
                    ? new HttpFilterConfig.Inert { Name = filter.Name }
                    : throw new ConfigException(path, "fault injection is not supported");
            default:
                return filter.IsOptional ? null : throw new ConfigException(path, $"HTTP filter {config.TypeName} is not supported");
        }
    }

    private static List<(string, byte[])> StrictChecks(IReadOnlyList<string> headers, string path)
    {
        var result = new List<(string, byte[])>(headers.Count);
        for (var i = 0; i < headers.Count; i++)
        {
            var header = headers[i].ToLowerInvariant();
            if (!CheckedHeaders.Contains(header)) throw new ConfigException($"{path}[{i}]", $"'{header}' is not one of {string.Join(", ", CheckedHeaders)}");
            result.Add((header, ProtoValues.Lower(header)));
        }
        return result;
    }

    private static HttpFilterConfig.Router Router(string name, Router router, string path)
    {
        if (router.UpstreamHttpFilters.Count > 0) throw new ConfigException(path + ".upstream_http_filters", "is not supported");
        return new HttpFilterConfig.Router
        {
            Name = name,
            SuppressEnvoyHeaders = router.SuppressEnvoyHeaders,
            RespectExpectedRequestTimeout = router.RespectExpectedRqTimeout,
            StrictCheckHeaders = StrictChecks(router.StrictCheckHeaders, path + ".strict_check_headers"),
        };
    }
}
