using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate.Routes;

/// <summary>
/// Everything a route configuration is made from; equality is the cache key.
/// <c>UnknownHosts</c>: The cluster of hosts that nobody claims; empty answers them with 502; null leaves them out (one service's own table).
/// <c>CountsAttempts</c>: Whether servers are told which attempt a request is.
/// </summary>
public sealed record RouteTableInput(string Name, ValueList<VirtualHostInput> Hosts, string? UnknownHosts, bool CountsAttempts);

/// <summary>One virtual host: the domains of a service or of a rule, and its routes in order.</summary>
public sealed record VirtualHostInput(string Name, ValueList<string> Domains, ValueList<RouteInput> Routes, bool CountsAttempts);

/// <summary>One cluster of a route with its share and its own header changes.</summary>
public sealed record RouteTarget(string Cluster, uint Weight, HeaderOperations Headers);

/// <summary>
/// One route.
/// <c>Match</c>: One alternative of the rule; null for every request.
/// <c>Rule</c>: Null for the route that a service has without any rule.
/// <c>Operation</c>: What spans and servers are told: <c>host:port/*</c>.
/// <c>Source</c>: The object of the rule.
/// <c>Retries</c>: The policy in force; null retries nothing.
/// </summary>
public sealed record RouteInput(
    string Name,
    HttpMatch? Match,
    HttpRoute? Rule,
    ValueList<RouteTarget> Targets,
    string Operation,
    SourceReference? Source,
    HttpRetry? Retries);
