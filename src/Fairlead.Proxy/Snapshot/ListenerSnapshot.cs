using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Snapshot;

/// <summary>A compiled listener (envoy.config.listener.v3.Listener). The same object lives on while its resource is unchanged.</summary>
internal sealed class ListenerSnapshot : IConfigured
{
    /// <summary>Envoy's per_connection_buffer_limit_bytes default: 1 MiB.</summary>
    public const int DefaultBufferLimitBytes = 1024 * 1024;

    public required string Name { get; init; }

    public Envoy.Config.Core.V3.Metadata? Metadata { get; init; }

    byte[]? IConfigured.NameUtf8 => null;

    /// <summary>The first is the listener's own address, the others its additional ones.</summary>
    public required IReadOnlyList<IpEndpoint> Addresses { get; init; }

    /// <summary>False: the listener accepts nothing itself and gets connections handed over by original destination.</summary>
    public required bool BindToPort { get; init; }

    /// <summary>Hand a connection to the listener bound to its original destination (or 0.0.0.0:port), else serve it here.</summary>
    public required bool UseOriginalDst { get; init; }

    public required TrafficDirection Direction { get; init; }

    public required IReadOnlyList<ListenerFilterConfig> ListenerFilters { get; init; }

    /// <summary><see cref="TimeSpan.Zero"/> = no limit.</summary>
    public required TimeSpan ListenerFiltersTimeout { get; init; }

    public required bool ContinueOnListenerFiltersTimeout { get; init; }

    public required IReadOnlyList<FilterChainSnapshot> FilterChains { get; init; }

    public FilterChainSnapshot? DefaultFilterChain { get; init; }

    /// <summary>Written once per connection that no filter chain took.</summary>
    public required IReadOnlyList<AccessLogConfig> AccessLogs { get; init; }

    public required int PerConnectionBufferLimitBytes { get; init; }

    public required int TcpBacklog { get; init; }

    public bool Transparent { get; init; }

    public bool Freebind { get; init; }

    public TcpKeepaliveConfig? Keepalive { get; init; }

    /// <summary>Connections at once over all workers; null = no limit (runtime key envoy.resource_limits.listener.NAME.connection_limit).</summary>
    public long? ConnectionLimit { get; init; }

    /// <summary>Came by LDS, not from the bootstrap.</summary>
    public bool IsDynamic { get; init; }

    public required ListenerStats Stats { get; init; }
}
