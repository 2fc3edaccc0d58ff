using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate;

/// <summary>Which VirtualService is a host's: the one whose host is most specific, the earlier of equal ones.</summary>
internal static class VirtualServiceMatch
{
    public static MeshVirtualService? MostSpecific(ValueList<MeshVirtualService> rules, string host)
    {
        MeshVirtualService? best = null;
        HostName bestHost = default;
        var name = new HostName(host);
        foreach (var rule in rules)
        {
            foreach (var pattern in rule.Hosts)
            {
                var candidate = new HostName(pattern);
                if (name.IsSubsetOf(candidate) && (best is null || candidate.CompareTo(bestHost) < 0))
                    (best, bestHost) = (rule, candidate);
            }
        }

        return best;
    }
}
