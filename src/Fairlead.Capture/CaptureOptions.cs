using Fairlead.Config.Primitives;

namespace Fairlead.Capture;

/// <summary>
/// What of a pod's TCP traffic goes to its sidecar: the settings of istio-init (istio-iptables' flags), read and checked.
/// Ports are 1 to 65535; a null list means <c>*</c>, everything.
/// </summary>
public sealed record CaptureOptions
{
    /// <summary>Ports that are never captured inbound: Envoy's metrics, the health port and the merged metrics of the agent.</summary>
    public static IReadOnlyList<int> AlwaysExcludedInboundPorts { get; } = [15090, 15021, 15020];

    /// <summary>Ranges, ports and interfaces per setting; istio-init has no bound, a ruleset that takes seconds to load helps nobody.</summary>
    public const int ListLimit = 1024;

    public int OutboundPort { get; init; } = 15001;
    public int InboundPort { get; init; } = 15006;

    /// <summary>HBONE arrives here and is never redirected.</summary>
    public int TunnelPort { get; init; } = 15008;

    public int DnsPort { get; init; } = 15053;

    /// <summary>Owners of the sidecar's own sockets, which bypass capture.</summary>
    public IReadOnlyList<uint> ProxyUids { get; init; } = [1337];

    /// <summary>The sidecar's groups; where none is named they are its uids, as istio-iptables takes them.</summary>
    public IReadOnlyList<uint> ProxyGids
    {
        get => field ?? ProxyUids;
        init;
    }

    /// <summary>Inbound ports that are captured; null: all but <see cref="ExcludeInboundPorts"/>; empty: none.</summary>
    public IReadOnlyList<int>? IncludeInboundPorts { get; init; }

    public IReadOnlyList<int> ExcludeInboundPorts { get; init; } = AlwaysExcludedInboundPorts;

    /// <summary>Destinations that are captured; null: all but <see cref="ExcludeOutboundRanges"/>; empty: none.</summary>
    public IReadOnlyList<Cidr>? IncludeOutboundRanges { get; init; }

    public IReadOnlyList<Cidr> ExcludeOutboundRanges { get; init; } = [];
    public IReadOnlyList<int> IncludeOutboundPorts { get; init; } = [];
    public IReadOnlyList<int> ExcludeOutboundPorts { get; init; } = [];
    public IReadOnlyList<string> ExcludeInterfaces { get; init; } = [];
    public IReadOnlyList<string> RerouteInterfaces { get; init; } = [];

    /// <summary>Groups whose sockets are captured; null: all.</summary>
    public IReadOnlyList<uint>? IncludeOwnerGroups { get; init; }

    public IReadOnlyList<uint> ExcludeOwnerGroups { get; init; } = [];

    /// <summary>Whether port 53 goes to the sidecar's DNS proxy.</summary>
    public bool RedirectDns { get; init; }

    /// <summary>The servers of resolv.conf whose port 53 is redirected; empty: every server.</summary>
    public IReadOnlyList<Cidr> DnsServers { get; init; } = [];
}
