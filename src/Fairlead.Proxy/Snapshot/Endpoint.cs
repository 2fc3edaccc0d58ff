using Envoy.Config.Core.V3;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Telemetry;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Snapshot;

/// <summary>One address of a cluster. An unchanged endpoint is, as a rule, the same object from snapshot to snapshot.</summary>
internal sealed class Endpoint : IConfigured
{
    public required IpEndpoint Address { get; init; }

    /// <summary>The configured name of a DNS cluster's endpoint, else what the resource gives; null = none. UTF-8.</summary>
    public byte[]? Hostname { get; init; }

    /// <summary>At least 1.</summary>
    public required uint Weight { get; init; }

    public required EndpointHealth Health { get; init; }

    /// <summary>istio.workload of the endpoint's metadata: workload;namespace;canonical-name;canonical-revision;cluster. Null = none.</summary>
    public string? IstioWorkload { get; init; }

    /// <summary>Its metadata as sent, where there is more than <see cref="IstioWorkload"/>; a cluster may have ten thousand endpoints that have only that.</summary>
    public ByteString? OtherMetadata { get; init; }

    /// <summary>Made anew each time: few logs print it.</summary>
    public Metadata? Metadata => OtherMetadata is { } bytes ? Envoy.Config.Core.V3.Metadata.Parser.ParseFrom(bytes)
        : IstioWorkload is { } workload ? new Metadata { FilterMetadata = { ["istio"] = new() { Fields = { ["workload"] = Value.ForString(workload) } } } }
        : null;

    byte[]? IConfigured.NameUtf8 => Hostname;

    public bool IsUsable => Health != EndpointHealth.Unhealthy;

    public bool SameAs(Endpoint other) =>
        Address == other.Address && Weight == other.Weight && Health == other.Health && IstioWorkload == other.IstioWorkload
        && Equals(OtherMetadata, other.OtherMetadata)
        && (Hostname ?? []).AsSpan().SequenceEqual(other.Hostname ?? []);
}
