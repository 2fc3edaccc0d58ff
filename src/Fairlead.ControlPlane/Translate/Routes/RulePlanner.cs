using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate.Routes;

/// <summary>The routes of one virtual host: of its rule, as far as it applies to this client and port, or the one to the service itself.</summary>
internal sealed class RulePlanner(MeshSnapshot snapshot, OutboundProfile profile)
{
    /// <summary>Route names in logs: a service's own route; a rule's is what the rule says, possibly nothing.</summary>
    private const string DefaultRoute = "default";

    private readonly DestinationResolver destinations = new(profile.Scope);

    /// <param name="before">What it was before, if it is known: returned when nothing about it changed.</param>
    public ValueList<RouteInput> Routes(MeshVirtualService? rule, MeshService? service, int port, ValueList<RouteInput>? before)
    {
        if (rule is { Http.Count: > 0 })
            return OfRule(rule, port).ToValueList() is var made && made.Equals(before) ? before! : made;
        if (service is null)
            return [];
        var retries = RetriesOf(null);
        if (before is [{ Rule: null } own] && own.Retries == retries)
            return before;
        var cluster = ClusterNames.Outbound(port, "", service.Host);
        return [new RouteInput(DefaultRoute, null, null, [new RouteTarget(cluster, 1, HeaderOperations.None)], $"{service.Host}:{port}/*", null, retries)];
    }

    private IEnumerable<RouteInput> OfRule(MeshVirtualService rule, int port)
    {
        foreach (var http in rule.Http)
        {
            if (http.Match.Count == 0)
            {
                yield return RouteOf(rule, http, null, port);
                yield break;
            }

            foreach (var match in http.Match.Where(match => Applies(match, port)))
            {
                yield return RouteOf(rule, http, match, port);
                // Nothing passes a route that takes every request.
                if (WithoutStaticConditions(match).IsCatchAll)
                    yield break;
            }
        }
    }

    private bool Applies(HttpMatch match, int port) =>
        (match.Port == 0 || match.Port == port)
        && SourceMatch.Applies(match.Gateways, match.SourceLabels, match.SourceNamespace, profile)
        // Claims are looked at by gateways only: here such a condition can never hold.
        && !match.Headers.Keys.Concat(match.WithoutHeaders.Keys).Any(name => name.StartsWith('@'));

    /// <summary>What is left for the proxy to match.</summary>
    private static HttpMatch WithoutStaticConditions(HttpMatch match) =>
        match with { Port = 0, SourceLabels = ValueMap<string>.Empty, SourceNamespace = "", Gateways = [] };

    private RouteInput RouteOf(MeshVirtualService rule, HttpRoute http, HttpMatch? match, int port)
    {
        var kept = http.Route.Count == 1 ? http.Route : http.Route.Where(route => route.Weight > 0).ToValueList();
        var targets = kept
            .Select(route => new RouteTarget(
                destinations.ClusterOf(route.Destination, port), kept.Count == 1 ? 1 : (uint)route.Weight, route.Headers))
            .ToValueList();
        return new RouteInput(
            match is { Name.Length: > 0 } ? $"{http.Name}.{match.Name}" : http.Name,
            match is null ? null : WithoutStaticConditions(match),
            http with { Match = [], Route = [] },
            targets,
            OperationOf(rule, match, targets, port),
            rule.Source,
            http.Redirect is null && http.DirectResponse is null ? RetriesOf(http.Retries) : null);
    }

    /// <summary>The destination's host, or the rule's name where there are several, and the path that is matched.</summary>
    private static string OperationOf(MeshVirtualService rule, HttpMatch? match, ValueList<RouteTarget> targets, int port)
    {
        var path = match?.Uri switch
        {
            { Kind: StringMatchKind.Exact } uri => uri.Value,
            { Kind: StringMatchKind.Prefix } uri => uri.Value + "*",
            { Kind: StringMatchKind.Regex } uri => uri.Value,
            _ => "/*",
        };
        var host = targets.Count == 1 ? targets[0].Cluster[(targets[0].Cluster.LastIndexOf('|') + 1)..] : rule.Source.Name;
        return $"{host}:{port}{path}";
    }

    private HttpRetry? RetriesOf(HttpRetry? own)
    {
        var policy = own ?? snapshot.Settings.DefaultRetries ?? RetryPolicies.BuiltIn;
        return policy.Attempts > 0 ? policy : null;
    }
}
