using System.Runtime.CompilerServices;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.ControlPlane.Translate.Routes;

/// <summary>A route configuration of a sidecar.</summary>
internal static class RouteTable
{
    /// <summary>Bytes of a direct response; the largest that validation admits.</summary>
    private const uint MaxDirectResponseBytes = 1 << 20;

    /// <summary>Answer to hosts that nobody claims where only the registry is allowed (Istio).</summary>
    private const uint BlockedStatus = 502;

    private static readonly ConditionalWeakTable<VirtualHostInput, byte[]> EncodedHosts = [];

    /// <summary>Written field by field in the order of their numbers, so that virtual hosts are encoded once for all tables that have them.</summary>
    public static XdsResource Build(RouteTableInput input)
    {
        List<ReadOnlyMemory<byte>> pieces = [new RouteConfiguration { Name = input.Name }.ToByteArray()];
        foreach (var host in input.Hosts)
            pieces.Add(EncodedHosts.GetValue(host, static host => Encode(HostOf(host))));
        if (input.UnknownHosts is { } unknown)
            pieces.Add(Encode(CatchAll(unknown, input.CountsAttempts)));
        pieces.Add(new RouteConfiguration
        {
            ValidateClusters = false,
            MaxDirectResponseBodySizeBytes = MaxDirectResponseBytes,
            IgnorePortInHostMatching = true,
        }.ToByteArray());
        return XdsResource.Of(input.Name, RouteConfiguration.Descriptor, new XdsBody([.. pieces]));
    }

    private static byte[] Encode(VirtualHost host) => new RouteConfiguration { VirtualHosts = { host } }.ToByteArray();

    private static VirtualHost HostOf(VirtualHostInput input)
    {
        var host = new VirtualHost { Name = input.Name, IncludeRequestAttemptCount = input.CountsAttempts };
        host.Domains.AddRange(input.Domains);
        host.Routes.AddRange(input.Routes.Select(RouteOf));
        return host;
    }

    private static VirtualHost CatchAll(string cluster, bool countsAttempts)
    {
        var name = cluster.Length > 0 ? "allow_any" : "block_all";
        var route = new Route { Name = name, Match = new RouteMatch { Prefix = "/" } };
        if (cluster.Length > 0)
            route.Route_ = new RouteAction { Cluster = cluster, Timeout = Durations.Zero, MaxStreamDuration = GrpcTimeout(TimeSpan.Zero) };
        else
            route.DirectResponse = new DirectResponseAction { Status = BlockedStatus };
        return new VirtualHost { Name = name, Domains = { "*" }, Routes = { route }, IncludeRequestAttemptCount = countsAttempts };
    }

    private static Route RouteOf(RouteInput input)
    {
        var route = new Route
        {
            Name = input.Name,
            Match = RouteMatches.Build(input.Match),
            Decorator = new Decorator { Operation = input.Operation },
        };
        if (input.Match is { StatPrefix.Length: > 0 } match)
            route.StatPrefix = match.StatPrefix;
        if (input.Source is { } source)
        {
            route.Metadata = new Metadata
            {
                FilterMetadata = { { "istio", TypedConfig.Struct(("config", Value.ForString(TypedConfig.ConfigPath(source)))) } },
            };
        }

        if (input.Rule is { } rule)
        {
            HeaderMutations.Apply(rule.Headers.Request, route.RequestHeadersToAdd, route.RequestHeadersToRemove);
            HeaderMutations.Apply(rule.Headers.Response, route.ResponseHeadersToAdd, route.ResponseHeadersToRemove);
        }

        SetAction(route, input);
        return route;
    }

    private static void SetAction(Route route, RouteInput input)
    {
        if (input.Rule?.Redirect is { } redirect)
            route.Redirect = Redirects.Build(redirect);
        else if (input.Rule?.DirectResponse is { } response)
            route.DirectResponse = ResponseOf(response);
        else if (Refusals.Of(input.Rule) is { } refusal)
            route.DirectResponse = refusal;
        else
            route.Route_ = ActionOf(route, input);
    }

    private static RouteAction ActionOf(Route route, RouteInput input)
    {
        var timeout = input.Rule?.Timeout ?? TimeSpan.Zero;
        var action = new RouteAction { Timeout = Durations.Of(timeout), MaxStreamDuration = GrpcTimeout(timeout) };
        if (input.Retries is { } retries)
            action.RetryPolicy = RetryPolicies.Build(retries);
        if (input.Rule?.Rewrite is { } rewrite)
            SetRewrite(action, rewrite);
        if (input.Rule is { } rule && HeaderMutations.Authority(rule.Headers.Request) is { } authority)
            action.HostRewriteLiteral = authority;
        SetClusters(route, action, input.Targets);
        return action;
    }

    private static void SetRewrite(RouteAction action, HttpRewrite rewrite)
    {
        if (rewrite.UriRegex is { } regex)
        {
            action.RegexRewrite = new Envoy.Type.Matcher.V3.RegexMatchAndSubstitute
            {
                Pattern = new Envoy.Type.Matcher.V3.RegexMatcher { Regex = regex.Match },
                Substitution = regex.Rewrite,
            };
        }
        else if (rewrite.Uri.Length > 0)
        {
            action.PrefixRewrite = rewrite.Uri;
        }

        if (rewrite.Authority.Length > 0)
            action.HostRewriteLiteral = rewrite.Authority;
    }

    private static void SetClusters(Route route, RouteAction action, ValueList<RouteTarget> targets)
    {
        if (targets.Count == 1)
        {
            var only = targets[0];
            action.Cluster = only.Cluster;
            HeaderMutations.Apply(only.Headers.Request, route.RequestHeadersToAdd, route.RequestHeadersToRemove);
            HeaderMutations.Apply(only.Headers.Response, route.ResponseHeadersToAdd, route.ResponseHeadersToRemove);
            if (HeaderMutations.Authority(only.Headers.Request) is { } host)
                action.HostRewriteLiteral = host;
            return;
        }

        action.WeightedClusters = new WeightedCluster();
        foreach (var target in targets)
        {
            var weighted = new WeightedCluster.Types.ClusterWeight { Name = target.Cluster, Weight = target.Weight };
            HeaderMutations.Apply(target.Headers.Request, weighted.RequestHeadersToAdd, weighted.RequestHeadersToRemove);
            HeaderMutations.Apply(target.Headers.Response, weighted.ResponseHeadersToAdd, weighted.ResponseHeadersToRemove);
            if (HeaderMutations.Authority(target.Headers.Request) is { } host)
                weighted.HostRewriteLiteral = host;
            action.WeightedClusters.Clusters.Add(weighted);
        }
    }

    /// <summary>A grpc-timeout header of the caller may ask for less; 0 leaves it uncapped.</summary>
    private static RouteAction.Types.MaxStreamDuration GrpcTimeout(TimeSpan timeout) => new() { GrpcTimeoutHeaderMax = Durations.Of(timeout) };

    private static DirectResponseAction ResponseOf(HttpDirectResponse response)
    {
        var made = new DirectResponseAction { Status = (uint)response.Status };
        if (response.BodyBytes is { } base64)
            made.Body = new DataSource { InlineBytes = ByteString.FromBase64(base64) };
        else if (response.BodyText is { } text)
            made.Body = new DataSource { InlineString = text };
        return made;
    }
}
