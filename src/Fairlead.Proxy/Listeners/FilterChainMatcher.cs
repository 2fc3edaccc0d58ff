using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Listeners;

/// <summary>
/// Envoy's filter chain match (envoy.md 4): nine steps, at each the most specific of the chains still in play wins and the others
/// are out, with no way back. Null = no chain: the listener's default, else the connection is closed.
/// </summary>
internal static class FilterChainMatcher
{
    public static FilterChainSnapshot? Select(ListenerSnapshot listener, ConnectionInfo connection)
    {
        var left = new List<FilterChainSnapshot>(listener.FilterChains);
        var local = connection.Local;
        var remote = connection.Remote;
        Narrow(left, chain => chain.Match.DestinationPort is { } port ? (port == local.Port ? 2 : 0) : 1);
        Narrow(left, chain => PrefixRank(chain.Match.DestinationPrefixes, local));
        Narrow(left, chain => NameRank(chain.Match.ServerNames, connection.ServerName));
        var transport = connection.IsTls ? "tls" : "raw_buffer";
        Narrow(left, chain => chain.Match.TransportProtocol is { Length: > 0 } protocol ? (protocol == transport ? 2 : 0) : 1);
        Narrow(left, chain => ProtocolRank(chain.Match.ApplicationProtocols, connection.ApplicationProtocols));
        Narrow(left, chain => PrefixRank(chain.Match.DirectSourcePrefixes, remote));
        var isLocal = remote.IsLoopback || remote.WithPort(0) == local.WithPort(0);
        Narrow(left, chain => chain.Match.SourceType switch
        {
            FilterChainMatch.SourceKind.SameIpOrLoopback => isLocal ? 2 : 0,
            FilterChainMatch.SourceKind.External => isLocal ? 0 : 2,
            _ => 1,
        });
        Narrow(left, chain => PrefixRank(chain.Match.SourcePrefixes, remote));
        Narrow(left, chain => chain.Match.SourcePorts.Count == 0 ? 1 : chain.Match.SourcePorts.Contains(remote.Port) ? 2 : 0);
        return left.Count > 0 ? left[0] : listener.DefaultFilterChain;
    }

    /// <summary>Keeps the chains of the highest rank; rank 0 = does not match.</summary>
    private static void Narrow(List<FilterChainSnapshot> left, Func<FilterChainSnapshot, int> rank)
    {
        var best = 0;
        foreach (var chain in left) best = Math.Max(best, rank(chain));
        left.RemoveAll(chain => best == 0 || rank(chain) != best);
    }

    /// <summary>2 + length of the longest prefix that holds the address; 1 for "any".</summary>
    private static int PrefixRank(IReadOnlyList<FilterChainMatch.AddressPrefix> prefixes, in IpEndpoint address)
    {
        if (prefixes.Count == 0) return 1;
        var best = 0;
        foreach (var prefix in prefixes)
        {
            if (prefix.Contains(address)) best = Math.Max(best, 2 + prefix.Length);
        }
        return best;
    }

    /// <summary>Exact before the longest suffix before "any".</summary>
    private static int NameRank(IReadOnlyList<FilterChainMatch.ServerNamePattern> patterns, byte[]? name)
    {
        if (patterns.Count == 0) return 1;
        var best = 0;
        foreach (var pattern in patterns)
        {
            if (name is null) continue;
            if (pattern.IsSuffix && name.Length > pattern.Text.Length && name.AsSpan().EndsWith(pattern.Text)) best = Math.Max(best, 1 + pattern.Text.Length);
            if (!pattern.IsSuffix && name.AsSpan().SequenceEqual(pattern.Text)) best = int.MaxValue;
        }
        return best;
    }

    /// <summary>The connection's first protocol that some chain names decides, so earlier protocols rank higher.</summary>
    private static int ProtocolRank(IReadOnlyList<string> wanted, IReadOnlyList<string> offered)
    {
        if (wanted.Count == 0) return 1;
        for (var i = 0; i < offered.Count; i++)
        {
            if (wanted.Contains(offered[i])) return 2 + offered.Count - i;
        }
        return 0;
    }
}
