using Envoy.Config.Endpoint.V3;
using Fairlead.Xds.Json;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>
/// The endpoints of a locality as they were sent before, followed in step with those that are sent now: what has the same bytes need not be
/// read again. Insertions and removals are followed; after a longer run of changes they are found again within some dozen endpoints or not at
/// all, which costs the reading and nothing else.
/// </summary>
internal ref struct UnchangedEndpoints
{
    private const int MinLookAhead = 8;
    private const int MaxLookAhead = 64; // comparing more costs what reading an endpoint costs

    private readonly IReadOnlyList<Endpoint> _endpoints;
    private WireReader _reader;
    private int _next;
    private int _misses;

    /// <param name="locality">The bytes of the LocalityLbEndpoints of before; empty = there was none.</param>
    /// <param name="endpoints">What was made of them, in their order.</param>
    public UnchangedEndpoints(ReadOnlySpan<byte> locality, IReadOnlyList<Endpoint> endpoints)
    {
        _reader = new WireReader(locality);
        _endpoints = endpoints;
    }

    /// <summary>The endpoint that these bytes, an LbEndpoint, made before, if it is near.</summary>
    public Endpoint? Find(ReadOnlySpan<byte> bytes)
    {
        var ahead = _reader;
        var end = Math.Min(_endpoints.Count, _next + Math.Min(MinLookAhead + _misses, MaxLookAhead));
        for (var i = _next; i < end && ahead.Read();)
        {
            if (ahead.Field != LocalityLbEndpoints.LbEndpointsFieldNumber) continue;
            if (ahead.Content.SequenceEqual(bytes))
            {
                _reader = ahead;
                (_next, _misses) = (i + 1, 0);
                return _endpoints[i];
            }
            i++;
        }
        _misses++;
        return null;
    }
}
