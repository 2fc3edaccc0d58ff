using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate.Listeners;

/// <summary>A listener while services are added to it: decides what may share it (Istio, <c>listener.go</c>).</summary>
internal sealed class ListenerDraft(string address, int port, bool locked)
{
    private readonly List<OutboundChain> chains = [];
    private readonly List<MeshService> owners = [];
    private readonly Dictionary<string, int> byMatch = new(StringComparer.Ordinal);
    private bool exclusiveProtocol;

    /// <summary>A Sidecar's own listener: services that it does not import cannot join.</summary>
    public bool Locked { get; } = locked;

    public bool IsEmpty => chains.Count == 0;

    /// <summary>The service whose chain keeps another one out; null when the chains were added.</summary>
    public MeshService? Add(MeshService service, Protocol protocol, IEnumerable<OutboundChain> added)
    {
        var alone = protocol is Protocol.Mongo or Protocol.MySql;
        if (chains.Count > 0 && (alone || exclusiveProtocol))
            return owners[0];
        MeshService? winner = null;
        foreach (var chain in added)
        {
            if (byMatch.TryAdd(MatchOf(chain), chains.Count))
            {
                chains.Add(chain);
                owners.Add(service);
                exclusiveProtocol |= alone;
            }
            else if (byMatch[MatchOf(chain)] is var clash && !chains[clash].Equals(chain))
            {
                winner = owners[clash];
            }
        }

        return winner;
    }

    public OutboundListenerInput Finish(OutboundDefaults defaults) => new(address, port, Ordered(), defaults);

    /// <summary>HTTP first, then what is named, then what takes everything: only for reading, the proxy picks by match.</summary>
    private ValueList<OutboundChain> Ordered() => chains
        .OrderBy(chain => chain switch { HttpChain => 0, TcpChain { MatchesEverything: false } => 1, _ => 2 })
        .ToValueList();

    /// <summary>Two chains with the same match cannot be told apart: the order of names and ranges is no difference.</summary>
    private static string MatchOf(OutboundChain chain) => chain is TcpChain tcp
        ? $"{string.Join(',', tcp.Ranges.Order(StringComparer.Ordinal))} {string.Join(',', tcp.ServerNames.Order(StringComparer.Ordinal))}"
        : "http";
}
