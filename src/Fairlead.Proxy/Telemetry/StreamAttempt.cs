using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Telemetry;

/// <summary>A host that was tried before the one a stream ended with.</summary>
/// <param name="Host">Its address.</param>
/// <param name="Endpoint">Null for one made on the fly (ORIGINAL_DST).</param>
/// <param name="ConnectionId">0 = no connection was had.</param>
internal readonly record struct StreamAttempt(IpEndpoint Host, IConfigured? Endpoint, long ConnectionId);
