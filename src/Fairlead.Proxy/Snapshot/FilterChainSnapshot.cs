namespace Fairlead.Proxy.Snapshot;

/// <summary>A compiled filter chain. The same object lives on while its part of the resource is unchanged.</summary>
internal sealed class FilterChainSnapshot
{
    /// <summary>Empty when the resource gives none.</summary>
    public required string Name { get; init; }

    public required byte[] NameUtf8 { get; init; }

    public required FilterChainMatch Match { get; init; }

    /// <summary>At least one; the last is terminal (HTTP connection manager, TCP proxy or direct response).</summary>
    public required IReadOnlyList<NetworkFilterConfig> Filters { get; init; }

    /// <summary>As configured; null = none.</summary>
    public Envoy.Config.Core.V3.Metadata? Metadata { get; init; }

    /// <summary>What it was compiled from, and is kept for when it comes again; null = nothing that could.</summary>
    public Envoy.Config.Listener.V3.FilterChain? Declared { get; init; }
}
