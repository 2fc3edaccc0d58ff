using Envoy.Config.Endpoint.V3;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>A compiled cluster and where its endpoints come from.</summary>
/// <param name="Config">The settings.</param>
/// <param name="Endpoints">Known at once for STATIC and ORIGINAL_DST; null = to be discovered.</param>
/// <param name="EdsName">The name to ask EDS for; null = not EDS.</param>
/// <param name="EdsTimeout">How long warming waits for EDS; zero = for ever.</param>
/// <param name="Names">What to resolve, for the DNS types.</param>
internal sealed record CompiledCluster(
    ClusterConfig Config, EndpointSet? Endpoints, string? EdsName, TimeSpan EdsTimeout, IReadOnlyList<CompiledCluster.DnsName> Names)
{
    /// <summary>The file that EDS is read from; null = by ADS.</summary>
    public string? EdsFile { get; init; }

    /// <summary>One name of a STRICT_DNS or LOGICAL_DNS cluster.</summary>
    internal sealed record DnsName(string Host, int Port, EndpointTraits Traits, LocalityLbEndpoints Locality);
}
