using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Upstreams;

/// <summary>
/// Chooses a host for one worker (envoy.md 3.2): rotation from a random start, power of N choices by active requests, uniform;
/// the earliest-deadline schedule where weights differ.
/// </summary>
internal sealed class LoadBalancer
{
    private readonly ClusterConfig _config;
    private readonly RandomSource _random;
    private readonly UpstreamHost[] _hosts;
    private readonly HostSchedule? _schedule;
    private int _next;

    public LoadBalancer(ClusterConfig config, UpstreamHost[] hosts, RandomSource random)
    {
        _config = config;
        _hosts = hosts;
        _random = random;
        var weighted = config.Policy != LoadBalancingPolicy.Random && hosts.Any(host => host.Weight != hosts[0].Weight);
        if (weighted)
        {
            _schedule = new HostSchedule(hosts);
            // A random start keeps workers and proxies from sending their first requests to the same host.
            for (var skip = random.Below(hosts.Length); skip > 0; skip--) _schedule.Pick(leastRequest: false, 1.0);
        }
        _next = hosts.Length == 0 ? 0 : random.Below(hosts.Length);
    }

    public int HostCount => _hosts.Length;

    public UpstreamHost? Pick()
    {
        if (_hosts.Length == 0) return null;
        if (_hosts.Length == 1) return _hosts[0];
        var leastRequest = _config.Policy == LoadBalancingPolicy.LeastRequest;
        if (_schedule is not null) return _schedule.Pick(leastRequest, _config.LeastRequestBias);
        if (leastRequest) return PickLeast();
        if (_config.Policy == LoadBalancingPolicy.Random) return _hosts[_random.Below(_hosts.Length)];
        var host = _hosts[_next];
        _next = _next + 1 == _hosts.Length ? 0 : _next + 1;
        return host;
    }

    private UpstreamHost PickLeast()
    {
        var best = _hosts[_random.Below(_hosts.Length)];
        for (var i = 1; i < _config.LeastRequestChoices; i++)
        {
            var other = _hosts[_random.Below(_hosts.Length)];
            if (other.ActiveRequests < best.ActiveRequests) best = other;
        }
        return best;
    }
}
