using Fairlead.Proxy.Routing;
using Proto = Envoy.Config.Route.V3;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>envoy.config.route.v3.RouteConfiguration to <see cref="RouteTable"/>.</summary>
internal sealed class RouteCompiler
{
    private readonly HeaderMutationCompiler _headers;
    private readonly RouteActionCompiler _actions;

    public RouteCompiler(CompileContext context)
    {
        _headers = new HeaderMutationCompiler(context.Formats);
        _actions = new RouteActionCompiler(context, _headers);
    }

    public RouteTable Compile(Proto.RouteConfiguration routes, bool isInline = false)
    {
        var path = $"route configuration '{routes.Name}'";
        if (routes.Vhds is not null) throw new ConfigException(path + ".vhds", "on-demand virtual hosts are not supported");
        var hosts = new List<VirtualHost>(routes.VirtualHosts.Count);
        var bodyLimit = (int)(routes.MaxDirectResponseBodySizeBytes ?? 4096);
        for (var i = 0; i < routes.VirtualHosts.Count; i++)
        {
            var host = routes.VirtualHosts[i];
            hosts.Add(Host(host, routes, bodyLimit, $"{path}.virtual_hosts[{i}]('{host.Name}')"));
        }
        try
        {
            var table = new RouteTable
            {
                Name = routes.Name,
                VirtualHosts = VirtualHostIndex.Build(hosts, routes.IgnorePortInHostMatching),
                RequestHeaders = _headers.Compile(routes.RequestHeadersToAdd, routes.RequestHeadersToRemove, path + ".request_headers_to_add"),
                ResponseHeaders = _headers.Compile(routes.ResponseHeadersToAdd, routes.ResponseHeadersToRemove, path + ".response_headers_to_add"),
                MostSpecificHeaderMutationsWin = routes.MostSpecificHeaderMutationsWins,
                ValidatesClusters = routes.ValidateClusters ?? isInline,
                InternalOnlyHeaders = [.. routes.InternalOnlyHeaders.Select(ProtoValues.Lower)],
            };
            foreach (var host in hosts)
            {
                foreach (var route in host.Routes) route.Table = table;
            }
            return table;
        }
        catch (ArgumentException e)
        {
            throw new ConfigException(path + ".virtual_hosts", e.Message);
        }
    }

    private VirtualHost Host(Proto.VirtualHost host, Proto.RouteConfiguration routes, int bodyLimit, string path)
    {
        if (host.Domains.Count == 0) throw new ConfigException(path + ".domains", "is empty");
        var entries = new List<RouteEntry>(host.Routes.Count);
        var compiled = new VirtualHost
        {
            Name = host.Name,
            NameUtf8 = System.Text.Encoding.UTF8.GetBytes(host.Name),
            Metadata = host.Metadata,
            Domains = [.. host.Domains],
            Routes = entries,
            RequireTls = (TlsRequirement)host.RequireTls,
            RequestHeaders = _headers.Compile(host.RequestHeadersToAdd, host.RequestHeadersToRemove, path + ".request_headers_to_add"),
            ResponseHeaders = _headers.Compile(host.ResponseHeadersToAdd, host.ResponseHeadersToRemove, path + ".response_headers_to_add"),
            IncludeRequestAttemptCount = host.IncludeRequestAttemptCount,
            IncludeAttemptCountInResponse = host.IncludeAttemptCountInResponse,
        };
        var mirrors = host.RequestMirrorPolicies.Count + routes.RequestMirrorPolicies.Count;
        if (mirrors > 0) throw new ConfigException(path + ".request_mirror_policies", "mirroring is not supported");
        for (var i = 0; i < host.Routes.Count; i++)
        {
            entries.Add(Route(host.Routes[i], compiled, host, bodyLimit, $"{path}.routes[{i}]"));
        }
        return compiled;
    }

    private RouteEntry Route(Proto.Route route, VirtualHost host, Proto.VirtualHost declaredHost, int bodyLimit, string path)
    {
        var decorator = route.Decorator;
        return new RouteEntry
        {
            Name = route.Name,
            NameUtf8 = ProtoValues.Text(route.Name),
            Metadata = route.Metadata,
            VirtualHost = host,
            Match = Match(route.Match, path + ".match"),
            Action = _actions.Compile(route, declaredHost, bodyLimit, path),
            RequestHeaders = _headers.Compile(route.RequestHeadersToAdd, route.RequestHeadersToRemove, path + ".request_headers_to_add"),
            ResponseHeaders = _headers.Compile(route.ResponseHeadersToAdd, route.ResponseHeadersToRemove, path + ".response_headers_to_add"),
            DecoratorOperation = ProtoValues.Text(decorator?.Operation ?? string.Empty),
            PropagateDecorator = decorator?.Propagate ?? true,
            RequestBufferLimitBytes = (long?)route.RequestBodyBufferLimit ?? (long?)route.PerRequestBufferLimitBytes
                ?? (long?)declaredHost.RequestBodyBufferLimit ?? (long?)declaredHost.PerRequestBufferLimitBytes,
        };
    }

    private static RouteMatcher Match(Proto.RouteMatch? match, string path)
    {
        if (match is null) throw new ConfigException(path, "is missing");
        if (match.TlsContext is not null) throw new ConfigException(path + ".tls_context", "is not supported");
        if (match.DynamicMetadata.Count > 0) throw new ConfigException(path + ".dynamic_metadata", "is not supported");
        var (kind, text) = match.PathSpecifierCase switch
        {
            Proto.RouteMatch.PathSpecifierOneofCase.Prefix => (PathMatchKind.Prefix, match.Prefix),
            Proto.RouteMatch.PathSpecifierOneofCase.Path => (PathMatchKind.Exact, match.Path),
            Proto.RouteMatch.PathSpecifierOneofCase.PathSeparatedPrefix => (PathMatchKind.SeparatedPrefix, match.PathSeparatedPrefix),
            Proto.RouteMatch.PathSpecifierOneofCase.SafeRegex => (PathMatchKind.Regex, string.Empty),
            var other => throw new ConfigException(path, $"{other} is not supported: use prefix, path, path_separated_prefix or safe_regex"),
        };
        return new RouteMatcher
        {
            Kind = kind,
            Path = System.Text.Encoding.UTF8.GetBytes(text),
            PathRegex = kind == PathMatchKind.Regex ? MatcherCompiler.Regex(match.SafeRegex, path + ".safe_regex") : null,
            CaseSensitive = match.CaseSensitive ?? true,
            Headers = MatcherCompiler.Headers(match.Headers, path + ".headers"),
            QueryParameters = [.. match.QueryParameters.Select((matcher, i) => MatcherCompiler.Query(matcher, $"{path}.query_parameters[{i}]"))],
            Cookies = [.. match.Cookies.Select((matcher, i) => MatcherCompiler.Cookie(matcher, $"{path}.cookies[{i}]"))],
            Grpc = match.Grpc is not null,
            PerMillion = match.RuntimeFraction is null ? null : ProtoValues.PerMillion(match.RuntimeFraction.DefaultValue),
        };
    }
}
