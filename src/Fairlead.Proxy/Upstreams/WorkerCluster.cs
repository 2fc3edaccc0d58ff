using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Upstreams;

/// <summary>
/// A cluster as one worker keeps it over snapshots: hosts with their pools, the load balancer over the usable ones, and the
/// shared breakers. An endpoint change keeps the pools of the addresses that stay.
/// </summary>
internal sealed class WorkerCluster
{
    private readonly WorkerContext _worker;
    private readonly Dictionary<IpEndpoint, UpstreamHost> _hosts = [];
    private readonly Func<Endpoint, UpstreamHost> _makeHost;
    private LoadBalancer _balancer;
    private long _update;
    private bool _isDraining;
    private bool _isInPanic;
    private LoopTimer? _cleanup;
    private EndpointSet? _endpoints;

    public WorkerCluster(WorkerContext worker, ClusterSnapshot snapshot)
    {
        _worker = worker;
        Snapshot = snapshot;
        DefaultBreaker = worker.Breakers.Get(snapshot.Config, RoutePriority.Default);
        HighBreaker = worker.Breakers.Get(snapshot.Config, RoutePriority.High);
        _makeHost = endpoint => Add(endpoint, endpoint.Address);
        _balancer = new LoadBalancer(snapshot.Config, [], [], _makeHost, worker.Random);
        Adopt(snapshot);
    }

    public ClusterSnapshot Snapshot { get; private set; }

    public ClusterConfig Config => Snapshot.Config;

    public WorkerContext Worker => _worker;

    public CircuitBreaker DefaultBreaker { get; private set; }

    public CircuitBreaker HighBreaker { get; private set; }

    /// <summary>Hosts that this worker has met, those that drain included.</summary>
    public IReadOnlyCollection<UpstreamHost> Hosts => _hosts.Values;

    public ConnectOptions ConnectOptions { get; private set; }

    public CircuitBreaker Breaker(RoutePriority priority) => priority == RoutePriority.High ? HighBreaker : DefaultBreaker;

    /// <summary>Takes a later snapshot of the same cluster over.</summary>
    public void Adopt(ClusterSnapshot snapshot)
    {
        Snapshot = snapshot;
        DefaultBreaker = _worker.Breakers.Get(snapshot.Config, RoutePriority.Default);
        HighBreaker = _worker.Breakers.Get(snapshot.Config, RoutePriority.High);
        var keepalive = snapshot.Config.Keepalive;
        ConnectOptions = new ConnectOptions(snapshot.Config.BindAddress, keepalive is not null, keepalive?.Probes ?? 0, keepalive?.IdleSeconds ?? 0, keepalive?.IntervalSeconds ?? 0);
        if (ReferenceEquals(_endpoints, snapshot.Endpoints)) return;
        var isChange = _endpoints is not null;
        _endpoints = snapshot.Endpoints;
        if (snapshot.Config.Discovery == DiscoveryType.OriginalDst) return;
        if (isChange && Config.CloseConnectionsOnHostSetChange)
        {
            foreach (var host in _hosts.Values) host.Pool.Renew();
        }
        _isInPanic = IsInPanic(snapshot.Endpoints);
        var picked = _isInPanic ? snapshot.Endpoints.Distinct : snapshot.Endpoints.Usable;
        _balancer = new LoadBalancer(Config, picked, Keep(snapshot.Endpoints, picked), _makeHost, _worker.Random);
    }

    /// <summary>The load balancer's choice, or null: no healthy upstream.</summary>
    public UpstreamHost? PickHost()
    {
        if (_isInPanic) _worker.Stats.Add(Config.Stats, ClusterStats.LbHealthyPanic);
        return _balancer.Pick();
    }

    /// <summary>The host of an original destination, made on first use (ORIGINAL_DST).</summary>
    public UpstreamHost OriginalDestination(in IpEndpoint address)
    {
        if (!_hosts.TryGetValue(address, out var host))
        {
            host = Add(null, address);
            StartCleanup();
        }
        host.LastUsed = _worker.Loop.Timestamp;
        return host;
    }

    /// <summary>The cluster left the configuration: idle connections close now, the others after their request.</summary>
    public void Drain()
    {
        _isDraining = true;
        foreach (var host in _hosts.Values) host.Drain();
    }

    /// <summary>
    /// With too few healthy hosts Envoy tries everybody, unless the threshold is 0. With several priorities it weighs them against each other
    /// first; here they panic together, when nobody is healthy.
    /// </summary>
    private bool IsInPanic(EndpointSet endpoints)
    {
        if (Config.PanicThresholdPercent <= 0) return false;
        return endpoints.Usable.Length == 0 || (endpoints.HasOnePriority && endpoints.Usable.Length * 100.0 / endpoints.Distinct.Length < Config.PanicThresholdPercent);
    }

    /// <summary>The hosts that this worker has met go on if they are still there. Returns them at the places that <paramref name="picked"/> has for them.</summary>
    private UpstreamHost?[] Keep(EndpointSet endpoints, Endpoint[] picked)
    {
        var places = new UpstreamHost?[picked.Length];
        if (_hosts.Count == 0) return places;
        _update++;
        foreach (var endpoint in endpoints.Distinct)
        {
            if (_hosts.TryGetValue(endpoint.Address, out var known)) known.Adopt(endpoint, _update);
        }
        foreach (var host in _hosts.Values)
        {
            if (host.SeenIn != _update) Retire(host);
        }
        for (var i = 0; i < picked.Length; i++) places[i] = _hosts.GetValueOrDefault(picked[i].Address);
        return places;
    }

    private UpstreamHost Add(Endpoint? endpoint, in IpEndpoint address)
    {
        var host = new UpstreamHost(this, endpoint, address);
        if (_isDraining) host.Drain(); // a request that began before may still pick: its connection must not be kept
        _hosts.Add(address, host);
        return host;
    }

    private void Retire(UpstreamHost host)
    {
        host.Drain();
        if (host.Pool.IsUnused) _hosts.Remove(host.Address);
        else StartCleanup();
    }

    private void StartCleanup()
    {
        _cleanup ??= new LoopTimer(Cleanup);
        if (!_cleanup.IsRunning) _worker.Loop.Start(_cleanup, Config.OriginalDst.CleanupInterval);
    }

    private void Cleanup()
    {
        var interval = Config.OriginalDst.CleanupInterval.TotalSeconds * _worker.Loop.TimestampFrequency;
        var limit = _worker.Loop.Timestamp - (long)interval;
        foreach (var host in _hosts.Values.ToArray())
        {
            if (!host.Pool.IsUnused || host.ActiveRequests > 0) continue;
            if (host.IsDraining || (host.Endpoint is null && host.LastUsed <= limit)) _hosts.Remove(host.Address);
        }
        if (_hosts.Values.Any(host => host.IsDraining || host.Endpoint is null)) StartCleanup();
    }
}
