using Google.Protobuf;

namespace Fairlead.Proxy.Snapshot;

/// <summary>What is said of an endpoint besides its address, which DNS may bring later.</summary>
/// <param name="Weight">At least 1.</param>
/// <param name="Health">As declared.</param>
/// <param name="IstioWorkload">See <see cref="Endpoint.IstioWorkload"/>.</param>
/// <param name="OtherMetadata">See <see cref="Endpoint.OtherMetadata"/>.</param>
internal readonly record struct EndpointTraits(uint Weight, EndpointHealth Health, string? IstioWorkload, ByteString? OtherMetadata);
