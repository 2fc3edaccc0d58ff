using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;

namespace Fairlead.Proxy.Filters;

/// <summary>What is known of an accepted connection before its first protocol byte: fixed by accept and listener filters.</summary>
internal sealed class ConnectionInfo : IConfigured
{
    /// <summary>Counts up over the process.</summary>
    public required long Id { get; init; }

    public required IpEndpoint Remote { get; init; }

    /// <summary>The socket's own local address.</summary>
    public required IpEndpoint DirectLocal { get; init; }

    /// <summary>The original destination where it was restored, else <see cref="DirectLocal"/>.</summary>
    public IpEndpoint Local { get; set; }

    /// <summary>The local address was restored from a redirect: ORIGINAL_DST clusters may use it.</summary>
    public bool IsRestored { get; set; }

    /// <summary>"tls" seen by the TLS inspector.</summary>
    public bool IsTls { get; set; }

    /// <summary>SNI, lower case; null = none seen.</summary>
    public byte[]? ServerName { get; set; }

    /// <summary>ALPN of the ClientHello, or what the HTTP inspector found ("http/1.1", "h2c").</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; set; } = [];

    /// <summary>The listener that serves it (after a hand-off, the one handed to).</summary>
    public required ListenerSnapshot Listener { get; set; }

    public FilterChainSnapshot? FilterChain { get; set; }

    /// <summary>Istio's stats filter of the chain; null = there is none.</summary>
    public IstioStatsFilterConfig? Stats => FilterChain?.Filters.OfType<IstioStatsFilterConfig>().FirstOrDefault();

    public required long AcceptedTimestamp { get; init; }

    byte[]? IConfigured.NameUtf8 => FilterChain?.NameUtf8;

    Envoy.Config.Core.V3.Metadata? IConfigured.Metadata => FilterChain?.Metadata;

    IConfigured IConfigured.Parent => Listener;

    public void Describe(StreamInfo info)
    {
        info.ConnectionId = Id;
        info.DownstreamLocalAddress = Local;
        info.DownstreamDirectLocalAddress = DirectLocal;
        info.DownstreamRemoteAddress = Remote;
        info.DownstreamDirectRemoteAddress = Remote;
        info.RequestedServerName = ServerName;
        info.Connection = this;
    }
}
