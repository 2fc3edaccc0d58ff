using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate.Listeners;

/// <summary>
/// What the listeners of one proxy have in common; a part of every listener's input.
/// <c>UnknownTraffic</c>: The cluster of connections that no chain wants: PassthroughCluster, BlackHoleCluster or an egress proxy's.
/// </summary>
public sealed record OutboundDefaults(string UnknownTraffic, DirectionTelemetry Telemetry, HttpTraits Http, TcpTimeouts Tcp);

/// <summary>One filter chain of an outbound listener.</summary>
public abstract record OutboundChain;

/// <summary>Requests, routed by the named route configuration. Whether a connection is HTTP is found out, so that others still pass.</summary>
public sealed record HttpChain(string RouteName) : OutboundChain;

/// <summary>Bytes, for connections to these ranges and with these SNI names (either may be empty: any).</summary>
public sealed record TcpChain(
    ValueList<string> Ranges,
    ValueList<string> ServerNames,
    string StatPrefix,
    ValueList<WeightedTarget> Targets,
    TcpTimeouts Timeouts) : OutboundChain
{
    public bool MatchesEverything => Ranges.Count == 0 && ServerNames.Count == 0;
}

/// <summary>Everything an outbound listener is made from; equality is the cache key.</summary>
public sealed record OutboundListenerInput(string Address, int Port, ValueList<OutboundChain> Chains, OutboundDefaults Defaults)
{
    public const string AnyAddress = "0.0.0.0";

    /// <summary><c>address_port</c>, as Istio names its listeners.</summary>
    public string Name => $"{Address}_{Port}";

    public bool Wildcard => Address == AnyAddress;
}
