using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Snapshot;

/// <summary>One address of a cluster. An unchanged endpoint is, as a rule, the same object from snapshot to snapshot.</summary>
internal sealed class Endpoint
{
    public required IpEndpoint Address { get; init; }

    /// <summary>The configured name of a DNS cluster's endpoint, else what the resource gives; null = none. UTF-8.</summary>
    public byte[]? Hostname { get; init; }

    /// <summary>At least 1.</summary>
    public required uint Weight { get; init; }

    public required EndpointHealth Health { get; init; }

    /// <summary>istio.workload of the endpoint's metadata: workload;namespace;canonical-name;canonical-revision;cluster. Null = none.</summary>
    public string? IstioWorkload { get; init; }

    public bool IsUsable => Health != EndpointHealth.Unhealthy;

    public bool SameAs(Endpoint other) =>
        Address == other.Address && Weight == other.Weight && Health == other.Health && IstioWorkload == other.IstioWorkload
        && (Hostname ?? []).AsSpan().SequenceEqual(other.Hostname ?? []);
}
