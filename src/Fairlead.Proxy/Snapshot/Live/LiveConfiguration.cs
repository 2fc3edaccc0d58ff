using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Xds.Names;

namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>
/// What the proxy is configured with at the moment: takes resources in, lets clusters and listeners warm, and publishes a
/// snapshot whenever what traffic may use has changed. Runs on the main loop alone.
/// <para>A snapshot never routes to a cluster that is still warming: a new route table waits for its clusters (for
/// <see cref="RouteHold"/> at most), a changed cluster serves with its old settings until the new ones are warm, a removed one
/// stays while a route or listener names it.</para>
/// </summary>
internal sealed partial class LiveConfiguration
{
    /// <summary>How long a route table waits for clusters that do not get warm; then their requests are answered 503 (NC).</summary>
    public static readonly TimeSpan RouteHold = TimeSpan.FromSeconds(15);

    /// <summary>Resources of one type; a mesh of 10,000 services has about as many clusters.</summary>
    public const int MaxResources = 100_000;

    private readonly SnapshotStore _store;
    private readonly TimeProvider _time;
    private readonly ClusterCompiler _clusterCompiler;
    private readonly ListenerCompiler _listenerCompiler;
    private readonly RouteCompiler _routeCompiler;
    private readonly DiscoveryStats _discovery;

    private readonly Dictionary<string, ClusterEntry> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ClusterEntry> _warmingClusters = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removedClusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EndpointResource> _assignments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ListenerEntry> _listeners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ListenerEntry> _warmingListeners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RouteEntryState> _routes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RouteEntryState> _heldRoutes = new(StringComparer.Ordinal);

    private long _generation;
    private bool _isDirty;

    public LiveConfiguration(SnapshotStore store, CompileContext context, TimeProvider time)
    {
        _store = store;
        _time = time;
        _clusterCompiler = new ClusterCompiler(context);
        _listenerCompiler = new ListenerCompiler(context);
        _routeCompiler = new RouteCompiler(context);
        _discovery = new DiscoveryStats(context.Stats.CreateShard());
    }

    /// <summary>Called when a DNS cluster begins to warm: start watching its names until the entry ends.</summary>
    public Action<ClusterEntry> WatchNames { get; set; } = static _ => { };

    /// <summary>Counts and reports what happened: (event, detail).</summary>
    public Action<ConfigurationEvent, string> Happened { get; set; } = static (_, _) => { };

    public IReadOnlyCollection<ClusterEntry> ActiveClusters => _clusters.Values;

    public IReadOnlyCollection<ClusterEntry> WarmingClusters => _warmingClusters.Values;

    public IReadOnlyCollection<ListenerEntry> ActiveListeners => _listeners.Values;

    public IReadOnlyCollection<ListenerEntry> WarmingListeners => _warmingListeners.Values;

    public IReadOnlyCollection<RouteEntryState> Routes => _routes.Values;

    public IReadOnlyDictionary<string, EndpointResource> Assignments => _assignments;

    /// <summary>The files that endpoints and routes come from instead of ADS.</summary>
    public IEnumerable<SourceFile> Files =>
        _clusters.Values.Concat(_warmingClusters.Values).Select(entry => entry.Compiled.EdsFile).OfType<string>().Select(file => new SourceFile(TypeUrl.Endpoints, file))
            .Concat(_listeners.Values.Concat(_warmingListeners.Values).SelectMany(entry => entry.RouteFiles).Select(route => new SourceFile(TypeUrl.Routes, route.File)));

    /// <summary>Names to ask the control plane for: those that no file is named for.</summary>
    public IEnumerable<string> AdsEndpointNames => _clusters.Values.Concat(_warmingClusters.Values)
        .Where(entry => entry.Compiled.EdsFile is null).Select(entry => entry.Compiled.EdsName).OfType<string>().Distinct(StringComparer.Ordinal);

    public IEnumerable<string> AdsRouteNames => _listeners.Values.Concat(_warmingListeners.Values)
        .SelectMany(entry => entry.RouteNames.Except(entry.RouteFiles.Select(route => route.Name))).Distinct(StringComparer.Ordinal);

    /// <summary>EDS names that clusters ask for.</summary>
    public IEnumerable<string> EdsNames => _clusters.Values.Concat(_warmingClusters.Values)
        .Select(entry => entry.Compiled.EdsName).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>RDS names that listeners ask for.</summary>
    public IEnumerable<string> RouteNames => _listeners.Values.Concat(_warmingListeners.Values)
        .SelectMany(entry => entry.RouteNames).Distinct(StringComparer.Ordinal);

    /// <summary>Full state of the dynamic clusters (CDS): what is missing is removed.</summary>
    public UpdateResult SetClusters(IReadOnlyList<Cluster> clusters, string version)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var result = UpsertClusters(clusters, version, names);
        foreach (var gone in _clusters.Values.Concat(_warmingClusters.Values).Where(entry => entry.Compiled.Config.IsDynamic && !names.Contains(entry.Name)).ToList())
        {
            RemoveCluster(gone.Name);
        }
        Settle();
        return result;
    }

    /// <summary>Some clusters changed and some are gone (delta CDS, or static ones at start).</summary>
    public UpdateResult ChangeClusters(IReadOnlyList<Cluster> changed, IEnumerable<string> removed, string version, bool isDynamic = true)
    {
        var result = UpsertClusters(changed, version, new HashSet<string>(StringComparer.Ordinal), isDynamic);
        foreach (var name in removed) RemoveCluster(name);
        Settle();
        return result;
    }

    /// <summary>Endpoints by EDS; unasked names are ignored.</summary>
    public UpdateResult SetEndpoints(IReadOnlyList<EndpointResource> assignments)
    {
        var errors = new List<(string, string)>();
        foreach (var assignment in assignments)
        {
            var users = EdsUsers(assignment.Name);
            if (users.Count == 0) continue;
            var refused = errors.Count;
            Try(assignment.Name, errors, () =>
            {
                foreach (var entry in users)
                {
                    entry.Endpoints = EndpointCompiler.Compile(assignment, entry.Endpoints, $"endpoints of '{assignment.Name}'");
                }
                _assignments[assignment.Name] = assignment;
            });
            foreach (var entry in users) _discovery.Updated(entry.Compiled.Config.Stats, errors.Count == refused);
            _isDirty = true;
        }
        Settle();
        return new UpdateResult(errors);
    }

    /// <summary>A name of a DNS cluster was answered (or not).</summary>
    public void SetAnswer(ClusterEntry entry, int index, Dns.DnsAnswer answer)
    {
        if (entry.Ended.IsCancellationRequested) return;
        var isFirst = entry.Answers[index] is null;
        // A failure keeps the last good addresses; the first attempt counts as an answer either way, so that warming ends.
        if (answer.Status == Dns.DnsAnswer.Outcome.Resolved || isFirst) entry.Answers[index] = answer;
        var stats = entry.Compiled.Config.Stats;
        _discovery.Updated(stats, answer.Status != Dns.DnsAnswer.Outcome.Failed);
        if (answer.Status == Dns.DnsAnswer.Outcome.NotFound) _discovery.Empty(stats);
        if (answer.Status != Dns.DnsAnswer.Outcome.Resolved) Happened(ConfigurationEvent.ResolutionFailed, $"cluster '{entry.Name}': {answer.Failure}");
        if (entry.Answers.Contains(null)) return;
        var next = DnsEndpoints.Build(entry.Compiled, entry.Answers, entry.Endpoints);
        if (next is null) _discovery.Unchanged(stats);
        if (next is null && !isFirst) return;
        if (next is not null || entry.Endpoints is null)
        {
            entry.Endpoints = next ?? EndpointSet.Empty;
            _isDirty = true;
        }
        Settle();
    }

    /// <summary>Full state of the dynamic listeners (LDS).</summary>
    public UpdateResult SetListeners(IReadOnlyList<Listener> listeners, string version)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var result = UpsertListeners(listeners, version, names);
        foreach (var gone in _listeners.Values.Concat(_warmingListeners.Values).Where(entry => entry.Compiled.IsDynamic && !names.Contains(entry.Declared.Name)).ToList())
        {
            RemoveListener(gone.Declared.Name);
        }
        Settle();
        return result;
    }

    public UpdateResult ChangeListeners(IReadOnlyList<Listener> changed, IEnumerable<string> removed, string version, bool isDynamic = true)
    {
        var result = UpsertListeners(changed, version, new HashSet<string>(StringComparer.Ordinal), isDynamic);
        foreach (var name in removed) RemoveListener(name);
        Settle();
        return result;
    }

    /// <summary>Route tables by RDS; unasked names are ignored.</summary>
    public UpdateResult SetRoutes(IReadOnlyList<RouteConfiguration> routes, string version)
    {
        var errors = new List<(string, string)>();
        var asked = RouteNames.ToHashSet(StringComparer.Ordinal);
        foreach (var route in routes)
        {
            if (!asked.Contains(route.Name)) continue;
            if (Latest(route.Name) is { } known && known.Declared.Equals(route)) continue;
            Try(route.Name, errors, () =>
            {
                var now = _time.GetUtcNow();
                var table = _routeCompiler.Compile(route);
                RequireClusters(table, string.Empty);
                _heldRoutes[route.Name] = new RouteEntryState(route, table, version, now) { HeldUntil = now + RouteHold };
            });
        }
        Settle();
        return new UpdateResult(errors);
    }

    /// <summary>Lets what waited too long go on. Called about once a second.</summary>
    public void OnTick()
    {
        var now = _time.GetUtcNow();
        foreach (var entry in _warmingClusters.Values.Where(entry => !entry.IsWarm && entry.WarmBy <= now))
        {
            entry.Endpoints = EndpointSet.Empty;
            Happened(ConfigurationEvent.WarmingTimedOut, $"cluster '{entry.Name}' got no endpoints in time and is used empty");
        }
        Settle();
    }

    private static void Try(string name, List<(string, string)> errors, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is ConfigException or FormatException or ArgumentException)
        {
            errors.Add((name, e.Message));
        }
    }

    private RouteEntryState? Latest(string name) => _heldRoutes.GetValueOrDefault(name) ?? _routes.GetValueOrDefault(name);

    private List<ClusterEntry> EdsUsers(string name) =>
        [.. _clusters.Values.Concat(_warmingClusters.Values).Where(entry => entry.Compiled.EdsName == name)];
}
