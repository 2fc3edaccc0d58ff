using System.Text;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Routing;

/// <summary>
/// Finds the virtual host of a Host value in Envoy's order: exact name, longest suffix wildcard ("*.foo.com", "*-bar.foo.com"),
/// longest prefix wildcard ("foo.*"), then "*". Names compare without case; a port is part of the name unless
/// ignore_port_in_host_matching cuts it. Immutable; allocates nothing.
/// </summary>
internal sealed class VirtualHostIndex
{
    private const int StackBytes = 256; // a DNS name has at most 253 characters; longer hosts match only "*"

    private readonly Dictionary<byte[], VirtualHost> _exact = new(BytesComparer.Instance);
    private readonly Dictionary<byte[], VirtualHost>.AlternateLookup<ReadOnlySpan<byte>> _exactLookup;
    private readonly List<(byte[] Text, VirtualHost Host)> _suffixes = [];
    private readonly List<(byte[] Text, VirtualHost Host)> _prefixes = [];
    private readonly bool _ignorePort;
    private VirtualHost? _any;

    private VirtualHostIndex(bool ignorePort)
    {
        _ignorePort = ignorePort;
        _exactLookup = _exact.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>All hosts, each once.</summary>
    public IReadOnlyList<VirtualHost> Hosts { get; private init; } = [];

    /// <exception cref="ArgumentException">A domain occurs twice, or "*" stands in the middle.</exception>
    public static VirtualHostIndex Build(IReadOnlyList<VirtualHost> hosts, bool ignorePort)
    {
        var index = new VirtualHostIndex(ignorePort) { Hosts = hosts };
        foreach (var host in hosts)
        {
            foreach (var domain in host.Domains) index.Add(domain.ToLowerInvariant(), host);
        }
        // Stable: among equal lengths the first declared wins.
        index._suffixes.Sort((a, b) => b.Text.Length.CompareTo(a.Text.Length));
        index._prefixes.Sort((a, b) => b.Text.Length.CompareTo(a.Text.Length));
        return index;
    }

    /// <summary>Null = no virtual host: route_not_found.</summary>
    public VirtualHost? Find(ReadOnlySpan<byte> authority)
    {
        if (_ignorePort) authority = WithoutPort(authority);
        if (authority.Length > StackBytes) return _any;
        Span<byte> lower = stackalloc byte[authority.Length];
        AsciiCase.Lower(authority, lower);
        if (_exactLookup.TryGetValue(lower, out var exact)) return exact;
        foreach (var (text, host) in _suffixes)
        {
            // A wildcard stands for at least one character.
            if (lower.Length > text.Length && lower.EndsWith(text)) return host;
        }
        foreach (var (text, host) in _prefixes)
        {
            if (lower.Length > text.Length && lower.StartsWith(text)) return host;
        }
        return _any;
    }

    private static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> authority)
    {
        var colon = authority.LastIndexOf((byte)':');
        return colon < 0 || authority[colon..].Contains((byte)']') ? authority : authority[..colon];
    }

    private void Add(string domain, VirtualHost host)
    {
        if (domain == "*")
        {
            if (_any is not null) throw new ArgumentException("only a single wildcard domain is permitted: '*' occurs twice");
            _any = host;
            return;
        }
        var text = Encoding.UTF8.GetBytes(domain.Trim('*'));
        var isNew = true;
        if (domain.AsSpan(1).Contains('*') && !(domain[^1] == '*' && domain.AsSpan().Count('*') == 1))
        {
            throw new ArgumentException($"domain '{domain}' may have one '*', at its start or at its end");
        }
        if (domain[0] == '*') isNew = TryAdd(_suffixes, text, host);
        else if (domain[^1] == '*') isNew = TryAdd(_prefixes, text, host);
        else isNew = _exact.TryAdd(text, host);
        if (!isNew) throw new ArgumentException($"only unique values for domains are permitted: '{domain}' occurs twice");
    }

    private static bool TryAdd(List<(byte[] Text, VirtualHost Host)> list, byte[] text, VirtualHost host)
    {
        if (list.Any(entry => entry.Text.AsSpan().SequenceEqual(text))) return false;
        list.Add((text, host));
        return true;
    }
}
