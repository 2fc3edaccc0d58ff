namespace Fairlead.Proxy;

/// <summary>What the data path takes from flags and bootstrap.</summary>
/// <param name="Workers">Event loops, one thread each.</param>
/// <param name="MaxConnections">Downstream connections over all listeners; null = no limit.</param>
/// <param name="Seed">Seeds every worker's random numbers.</param>
internal sealed record SidecarOptions(int Workers, long? MaxConnections, ulong Seed)
{
    /// <summary>How long connections of a filter chain that left may still bring a request (Envoy's --drain-time-s; Istio's value).</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(45);
}
