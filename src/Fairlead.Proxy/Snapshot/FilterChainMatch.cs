using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Snapshot;

/// <summary>
/// What a filter chain asks of a connection (envoy.config.listener.v3.FilterChainMatch). Empty lists and null = any.
/// Envoy tests in the order destination port, destination prefix, server name, transport protocol, application protocol,
/// direct source prefix, source type, source prefix, source port; the most specific wins at each step, with no way back.
/// </summary>
internal sealed class FilterChainMatch
{
    public static readonly FilterChainMatch Any = new();

    public int? DestinationPort { get; init; }

    public IReadOnlyList<AddressPrefix> DestinationPrefixes { get; init; } = [];

    /// <summary>Exact names and suffixes; a suffix keeps its dot: <c>*.a.b</c> is <c>.a.b</c> with <see cref="ServerNamePattern.IsSuffix"/>.</summary>
    public IReadOnlyList<ServerNamePattern> ServerNames { get; init; } = [];

    /// <summary>"tls", "raw_buffer" or null.</summary>
    public string? TransportProtocol { get; init; }

    /// <summary>"http/1.1", "h2c" or an ALPN name.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    public IReadOnlyList<AddressPrefix> DirectSourcePrefixes { get; init; } = [];

    public SourceKind SourceType { get; init; }

    public IReadOnlyList<AddressPrefix> SourcePrefixes { get; init; } = [];

    public IReadOnlyList<int> SourcePorts { get; init; } = [];

    public enum SourceKind : byte
    {
        Any,
        SameIpOrLoopback,
        External,
    }

    /// <param name="Network">Address with the host bits cleared.</param>
    /// <param name="Length">Bits.</param>
    public readonly record struct AddressPrefix(IpEndpoint Network, int Length)
    {
        public bool Contains(in IpEndpoint address) => address.IsWithin(Network, Length);
    }

    /// <param name="Text">Lower-case UTF-8; for a suffix with the leading dot.</param>
    /// <param name="IsSuffix">Came from a wildcard.</param>
    public sealed record ServerNamePattern(byte[] Text, bool IsSuffix);
}
