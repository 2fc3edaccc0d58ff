using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Upstreams;

/// <summary>
/// Chooses a host for one worker (envoy.md 3.2): rotation from a random start, power of N choices by active requests, uniform;
/// the earliest-deadline schedule where weights differ. A host is made when it is picked first: a push of ten thousand endpoints
/// costs a worker only those it uses.
/// </summary>
internal sealed class LoadBalancer
{
    private readonly ClusterConfig _config;
    private readonly RandomSource _random;
    private readonly Endpoint[] _endpoints;
    private readonly UpstreamHost?[] _hosts;
    private readonly Func<Endpoint, UpstreamHost> _make;
    private readonly HostSchedule? _schedule;
    private int _next;

    /// <param name="config">Policy and choices.</param>
    /// <param name="endpoints">What is picked from.</param>
    /// <param name="hosts">Hosts of the endpoints that this worker has met, each at its endpoint's place. Filled from here on.</param>
    /// <param name="make">Makes the host of an endpoint.</param>
    /// <param name="random">The worker's.</param>
    public LoadBalancer(ClusterConfig config, Endpoint[] endpoints, UpstreamHost?[] hosts, Func<Endpoint, UpstreamHost> make, RandomSource random)
    {
        _config = config;
        _endpoints = endpoints;
        _hosts = hosts;
        _make = make;
        _random = random;
        var weighted = config.Policy != LoadBalancingPolicy.Random && !Array.TrueForAll(endpoints, endpoint => endpoint.Weight == endpoints[0].Weight);
        if (weighted)
        {
            _schedule = new HostSchedule(endpoints);
            // A random start keeps workers and proxies from sending their first requests to the same host.
            for (var skip = random.Below(endpoints.Length); skip > 0; skip--) _schedule.Pick(activeRequests: null, 1.0);
        }
        _next = endpoints.Length == 0 ? 0 : random.Below(endpoints.Length);
    }

    public UpstreamHost? Pick()
    {
        if (_endpoints.Length == 0) return null;
        if (_endpoints.Length == 1) return Host(0);
        var leastRequest = _config.Policy == LoadBalancingPolicy.LeastRequest;
        if (_schedule is not null) return Host(_schedule.Pick(leastRequest ? _hosts : null, _config.LeastRequestBias));
        if (leastRequest) return Host(PickLeast());
        if (_config.Policy == LoadBalancingPolicy.Random) return Host(_random.Below(_endpoints.Length));
        var next = _next;
        _next = next + 1 == _endpoints.Length ? 0 : next + 1;
        return Host(next);
    }

    private UpstreamHost Host(int index) => _hosts[index] ??= _make(_endpoints[index]);

    private int PickLeast()
    {
        var best = _random.Below(_endpoints.Length);
        for (var i = 1; i < _config.LeastRequestChoices; i++)
        {
            var other = _random.Below(_endpoints.Length);
            if (Active(other) < Active(best)) best = other;
        }
        return best;
    }

    private int Active(int index) => _hosts[index]?.ActiveRequests ?? 0;
}
