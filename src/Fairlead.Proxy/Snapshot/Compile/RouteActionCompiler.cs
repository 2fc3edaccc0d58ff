using Proto = Envoy.Config.Route.V3;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>A route's action.</summary>
internal sealed class RouteActionCompiler(CompileContext context, HeaderMutationCompiler headers)
{
    public RouteAction Compile(Proto.Route route, Proto.VirtualHost host, int bodyLimit, string path) => route.ActionCase switch
    {
        Proto.Route.ActionOneofCase.Route_ => Forward(route.Route_, host, path + ".route"),
        Proto.Route.ActionOneofCase.Redirect => Redirect(route.Redirect, path + ".redirect"),
        Proto.Route.ActionOneofCase.DirectResponse => Direct(route.DirectResponse, bodyLimit, path + ".direct_response"),
        var other => throw new ConfigException(path, $"action {other} is not supported: use route, redirect or direct_response"),
    };

    private RouteAction.Forward Forward(Proto.RouteAction action, Proto.VirtualHost host, string path)
    {
        if (action.RequestMirrorPolicies.Count > 0) throw new ConfigException(path + ".request_mirror_policies", "mirroring is not supported");
        if (action.InternalRedirectPolicy is not null) throw new ConfigException(path + ".internal_redirect_policy", "is not supported");
        if (action.HashPolicy.Count > 0) throw new ConfigException(path + ".hash_policy", "consistent hashing is not supported");
        var stream = action.MaxStreamDuration;
        return new RouteAction.Forward
        {
            Clusters = Clusters(action, path),
            ClusterNotFoundStatus = action.ClusterNotFoundResponseCode switch
            {
                Proto.RouteAction.Types.ClusterNotFoundResponseCode.NotFound => 404,
                Proto.RouteAction.Types.ClusterNotFoundResponseCode.InternalServerError => 500,
                _ => 503,
            },
            Timeout = ProtoValues.Time(action.Timeout, RouteAction.Forward.DefaultTimeout, path + ".timeout"),
            IdleTimeout = ProtoValues.Time(action.IdleTimeout, path + ".idle_timeout"),
            MaxStreamDuration = ProtoValues.Time(stream?.MaxStreamDuration_, path + ".max_stream_duration"),
            Retry = Retry(action.RetryPolicy ?? host.RetryPolicy, path + ".retry_policy"),
            PathRewrite = PathRewrite(action.PrefixRewrite, action.RegexRewrite, path),
            HostRewrite = HostRewrite(action, path),
            AppendXForwardedHost = action.AppendXForwardedHost,
            Priority = (RoutePriority)action.Priority,
            Upgrades = [.. action.UpgradeConfigs.Select(upgrade => new UpgradeSetting(ProtoValues.Lower(upgrade.UpgradeType), upgrade.Enabled ?? true))],
        };
    }

    private ClusterSelection Clusters(Proto.RouteAction action, string path)
    {
        switch (action.ClusterSpecifierCase)
        {
            case Proto.RouteAction.ClusterSpecifierOneofCase.Cluster:
                return ClusterSelection.Single(action.Cluster);
            case Proto.RouteAction.ClusterSpecifierOneofCase.ClusterHeader:
                return ClusterSelection.ByHeader(action.ClusterHeader);
            case Proto.RouteAction.ClusterSpecifierOneofCase.WeightedClusters:
                return Weighted(action.WeightedClusters, path + ".weighted_clusters");
            default:
                throw new ConfigException(path, $"{action.ClusterSpecifierCase} is not supported: use cluster, cluster_header or weighted_clusters");
        }
    }

    private ClusterSelection Weighted(Proto.WeightedCluster weighted, string path)
    {
        var choices = new List<WeightedCluster>(weighted.Clusters.Count);
        for (var i = 0; i < weighted.Clusters.Count; i++)
        {
            var choice = weighted.Clusters[i];
            var place = $"{path}.clusters[{i}]";
            if (choice.ClusterHeader.Length > 0) throw new ConfigException(place + ".cluster_header", "is not supported");
            choices.Add(new WeightedCluster
            {
                Name = choice.Name,
                Weight = choice.Weight ?? 0,
                RequestHeaders = headers.Compile(choice.RequestHeadersToAdd, choice.RequestHeadersToRemove, place + ".request_headers_to_add"),
                ResponseHeaders = headers.Compile(choice.ResponseHeadersToAdd, choice.ResponseHeadersToRemove, place + ".response_headers_to_add"),
                HostRewrite = ProtoValues.Text(choice.HostRewriteLiteral),
            });
        }
        var total = choices.Sum(choice => (long)choice.Weight);
        if (total is 0 or > uint.MaxValue) throw new ConfigException(path, $"the weights add up to {total}; 1 to {uint.MaxValue} are possible");
        return ClusterSelection.Weighted(choices);
    }

    private static PathRewrite? PathRewrite(string prefix, Envoy.Type.Matcher.V3.RegexMatchAndSubstitute? regex, string path)
    {
        if (prefix.Length > 0) return new PathRewrite { Prefix = System.Text.Encoding.UTF8.GetBytes(prefix) };
        if (regex is null) return null;
        var (pattern, substitution) = MatcherCompiler.Substitute(regex, path + ".regex_rewrite");
        return new PathRewrite { Pattern = pattern, Substitution = substitution };
    }

    private static HostRewrite? HostRewrite(Proto.RouteAction action, string path)
    {
        switch (action.HostRewriteSpecifierCase)
        {
            case Proto.RouteAction.HostRewriteSpecifierOneofCase.HostRewriteLiteral:
                return new HostRewrite { Literal = System.Text.Encoding.UTF8.GetBytes(action.HostRewriteLiteral) };
            case Proto.RouteAction.HostRewriteSpecifierOneofCase.AutoHostRewrite:
                return action.AutoHostRewrite == true ? new HostRewrite { Auto = true } : null;
            case Proto.RouteAction.HostRewriteSpecifierOneofCase.HostRewriteHeader:
                return new HostRewrite { Header = ProtoValues.Lower(action.HostRewriteHeader) };
            case Proto.RouteAction.HostRewriteSpecifierOneofCase.HostRewritePathRegex:
                var (pattern, substitution) = MatcherCompiler.Substitute(action.HostRewritePathRegex, path + ".host_rewrite_path_regex");
                return new HostRewrite { PathPattern = pattern, PathSubstitution = substitution };
            default:
                return null;
        }
    }

    private static RetryPolicy? Retry(Proto.RetryPolicy? policy, string path)
    {
        if (policy is null) return null;
        var conditions = RetryConditionList.Parse(policy.RetryOn, path + ".retry_on");
        var backOffBase = ProtoValues.Time(policy.RetryBackOff?.BaseInterval, TimeSpan.FromMilliseconds(25), path + ".retry_back_off.base_interval");
        if (backOffBase < TimeSpan.FromMilliseconds(1)) backOffBase = TimeSpan.FromMilliseconds(1); // Envoy rounds up to 1 ms
        if (policy.RetryPriority is not null) throw new ConfigException(path + ".retry_priority", "is not supported");
        return new RetryPolicy
        {
            On = conditions,
            NumRetries = (int)Math.Min(policy.NumRetries ?? 1, int.MaxValue),
            PerTryTimeout = ProtoValues.Time(policy.PerTryTimeout, TimeSpan.Zero, path + ".per_try_timeout"),
            PerTryIdleTimeout = ProtoValues.Time(policy.PerTryIdleTimeout, TimeSpan.Zero, path + ".per_try_idle_timeout"),
            RetriableStatuses = [.. policy.RetriableStatusCodes.Select(code => (int)code)],
            RetriableHeaders = MatcherCompiler.Headers(policy.RetriableHeaders, path + ".retriable_headers"),
            RetriableRequestHeaders = MatcherCompiler.Headers(policy.RetriableRequestHeaders, path + ".retriable_request_headers"),
            BackOffBase = backOffBase,
            BackOffMax = ProtoValues.Time(policy.RetryBackOff?.MaxInterval, backOffBase * 10, path + ".retry_back_off.max_interval"),
            AvoidPreviousHosts = policy.RetryHostPredicate.Any(predicate => predicate.Name.Contains("previous_hosts", StringComparison.Ordinal)),
            HostSelectionMaxAttempts = (int)Math.Clamp(policy.HostSelectionRetryMaxAttempts, 1, 100),
        };
    }

    private static RouteAction.Redirect Redirect(Proto.RedirectAction redirect, string path)
    {
        var scheme = redirect.SchemeRewriteSpecifierCase switch
        {
            Proto.RedirectAction.SchemeRewriteSpecifierOneofCase.HttpsRedirect when redirect.HttpsRedirect => "https",
            Proto.RedirectAction.SchemeRewriteSpecifierOneofCase.SchemeRedirect => redirect.SchemeRedirect,
            _ => string.Empty,
        };
        int[] statuses = [301, 302, 303, 307, 308];
        if ((int)redirect.ResponseCode >= statuses.Length) throw new ConfigException(path + ".response_code", $"{redirect.ResponseCode} does not exist");
        return new RouteAction.Redirect
        {
            Status = statuses[(int)redirect.ResponseCode],
            Scheme = ProtoValues.Text(scheme),
            Host = ProtoValues.Text(redirect.HostRedirect),
            Port = redirect.PortRedirect == 0 ? null : (int)redirect.PortRedirect,
            Path = ProtoValues.Text(redirect.PathRedirect),
            PathRewrite = PathRewrite(redirect.PrefixRewrite, redirect.RegexRewrite, path),
            StripQuery = redirect.StripQuery,
        };
    }

    private RouteAction.DirectResponse Direct(Proto.DirectResponseAction direct, int bodyLimit, string path)
    {
        if (direct.Status is < 200 or > 599) throw new ConfigException(path + ".status", $"{direct.Status} is not from 200 to 599");
        var body = ProtoValues.Data(direct.Body, context, path + ".body");
        if (body.Length > bodyLimit) throw new ConfigException(path + ".body", $"has {body.Length} bytes; max_direct_response_body_size_bytes allows {bodyLimit}");
        return new RouteAction.DirectResponse
        {
            Status = (int)direct.Status,
            Body = body,
            BodyFormat = context.Formats.Reply(direct.BodyFormat, context, path + ".body_format"),
        };
    }
}
