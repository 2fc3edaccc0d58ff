namespace Fairlead.Proxy;

/// <summary>What the data path takes from flags and bootstrap.</summary>
/// <param name="Workers">Event loops, one thread each.</param>
/// <param name="MaxConnections">Downstream connections over all listeners; null = no limit.</param>
/// <param name="Seed">Seeds every worker's random numbers.</param>
internal sealed record SidecarOptions(int Workers, long? MaxConnections, ulong Seed);
