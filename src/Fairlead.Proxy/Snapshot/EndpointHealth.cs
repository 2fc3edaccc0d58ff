namespace Fairlead.Proxy.Snapshot;

/// <summary>envoy.config.core.v3.HealthStatus as far as choosing goes: UNKNOWN and HEALTHY are Healthy; UNHEALTHY, DRAINING and TIMEOUT are Unhealthy.</summary>
internal enum EndpointHealth : byte
{
    Healthy,
    Degraded,
    Unhealthy,
}
