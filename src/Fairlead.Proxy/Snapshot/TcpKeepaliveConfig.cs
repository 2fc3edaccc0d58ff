namespace Fairlead.Proxy.Snapshot;

/// <summary>envoy.config.core.v3.TcpKeepalive; null = the kernel's default.</summary>
/// <param name="Probes">Unanswered probes before the connection is dead.</param>
/// <param name="IdleSeconds">Idle time before the first probe.</param>
/// <param name="IntervalSeconds">Time between probes.</param>
internal sealed record TcpKeepaliveConfig(int? Probes, int? IdleSeconds, int? IntervalSeconds);
