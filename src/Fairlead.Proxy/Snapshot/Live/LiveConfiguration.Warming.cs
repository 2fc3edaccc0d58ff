using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Fairlead.Proxy.Snapshot.Compile;

namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>Adding, removing and warming.</summary>
internal sealed partial class LiveConfiguration
{
    private UpdateResult UpsertClusters(IReadOnlyList<Cluster> clusters, string version, HashSet<string> names, bool isDynamic = true)
    {
        var errors = new List<(string, string)>();
        foreach (var cluster in clusters)
        {
            if (!names.Add(cluster.Name))
            {
                errors.Add((cluster.Name, "the name occurs twice in the response"));
                continue;
            }
            if (names.Count > MaxResources)
            {
                errors.Add((cluster.Name, $"more than {MaxResources} clusters"));
                break;
            }
            _removedClusters.Remove(cluster.Name);
            Try(cluster.Name, errors, () => UpsertCluster(cluster, version, isDynamic));
        }
        return new UpdateResult(errors);
    }

    private void UpsertCluster(Cluster cluster, string version, bool isDynamic)
    {
        var current = _warmingClusters.GetValueOrDefault(cluster.Name) ?? _clusters.GetValueOrDefault(cluster.Name);
        if (current is not null && current.Declared.Equals(cluster)) return;
        if (current is { Compiled.Config.IsDynamic: false } && isDynamic) throw new ConfigException($"cluster '{cluster.Name}'", "a static cluster has this name");
        var compiled = _clusterCompiler.Compile(cluster, isDynamic);
        var now = _time.GetUtcNow();
        var entry = new ClusterEntry(cluster, compiled, version, now)
        {
            WarmBy = compiled.EdsName is not null && compiled.EdsTimeout > TimeSpan.Zero ? now + compiled.EdsTimeout : null,
        };
        if (compiled.EdsName is { } name && _assignments.TryGetValue(name, out var assignment))
        {
            entry.Endpoints = EndpointCompiler.Compile(assignment, current?.Endpoints, $"endpoints of '{name}'");
        }
        else if (compiled.EdsName is null && compiled.Endpoints is null && compiled.Names.Count == 0)
        {
            entry.Endpoints = EndpointSet.Empty;
        }
        if (_warmingClusters.Remove(cluster.Name, out var superseded)) superseded.Ended.Cancel();
        _warmingClusters[cluster.Name] = entry;
        Happened(_clusters.ContainsKey(cluster.Name) ? ConfigurationEvent.ClusterModified : ConfigurationEvent.ClusterAdded, cluster.Name);
        if (compiled.Names.Count > 0) WatchNames(entry);
    }

    private void RemoveCluster(string name)
    {
        if (_warmingClusters.Remove(name, out var warming)) warming.Ended.Cancel();
        if (_clusters.ContainsKey(name)) _removedClusters.Add(name);
    }

    private UpdateResult UpsertListeners(IReadOnlyList<Listener> listeners, string version, HashSet<string> names, bool isDynamic = true)
    {
        var errors = new List<(string, string)>();
        foreach (var listener in listeners)
        {
            if (!names.Add(listener.Name)) errors.Add((listener.Name, "the name occurs twice in the response"));
            else if (names.Count > MaxResources) errors.Add((listener.Name, $"more than {MaxResources} listeners"));
            else Try(listener.Name, errors, () => UpsertListener(listener, version, isDynamic));
        }
        return new UpdateResult(errors);
    }

    private void UpsertListener(Listener listener, string version, bool isDynamic)
    {
        var active = _listeners.GetValueOrDefault(listener.Name);
        var current = _warmingListeners.GetValueOrDefault(listener.Name) ?? active;
        if (current is not null && current.Declared.Equals(listener)) return;
        if (current is { Compiled.IsDynamic: false } && isDynamic) throw new ConfigException($"listener '{listener.Name}'", "a static listener has this name");
        var compiled = _listenerCompiler.Compile(listener, active?.Compiled, isDynamic);
        foreach (var table in SnapshotReferences.InlineTables(compiled)) RequireClusters(table, $"listener '{listener.Name}': ");
        _warmingListeners[listener.Name] = new ListenerEntry(listener, compiled, version, _time.GetUtcNow());
        Happened(active is null ? ConfigurationEvent.ListenerAdded : ConfigurationEvent.ListenerModified, listener.Name);
    }

    private void RequireClusters(RouteTable table, string place)
    {
        if (!table.ValidatesClusters) return;
        foreach (var name in SnapshotReferences.Clusters(table).Where(name => !_clusters.ContainsKey(name) && !_warmingClusters.ContainsKey(name)))
        {
            throw new ConfigException(
                $"{place}route configuration '{table.Name}'", $"unknown cluster '{name}'; add it, or set validate_clusters to false to have such requests answered 503");
        }
    }

    private void RemoveListener(string name)
    {
        _warmingListeners.Remove(name);
        if (!_listeners.Remove(name)) return;
        _isDirty = true;
        Happened(ConfigurationEvent.ListenerRemoved, name);
    }

    /// <summary>Promotes what has become ready, in the order clusters, routes, listeners; then publishes if anything changed.</summary>
    private void Settle()
    {
        foreach (var entry in _warmingClusters.Values.Where(entry => entry.IsWarm).ToList())
        {
            _warmingClusters.Remove(entry.Name);
            if (_clusters.Remove(entry.Name, out var old)) old.Ended.Cancel();
            _clusters[entry.Name] = entry;
            _isDirty = true;
        }
        var now = _time.GetUtcNow();
        foreach (var route in _heldRoutes.Values.Where(route => route.HeldUntil <= now || !route.Clusters.Any(IsWarmingOnly)).ToList())
        {
            _heldRoutes.Remove(route.Declared.Name);
            _routes[route.Declared.Name] = route;
            _isDirty = true;
        }
        foreach (var listener in _warmingListeners.Values.Where(IsReady).ToList())
        {
            _warmingListeners.Remove(listener.Declared.Name);
            _listeners[listener.Declared.Name] = listener;
            _isDirty = true;
        }
        DropUnused();
        if (_isDirty) Publish();
    }

    /// <summary>Unknown clusters do not hold a route back: they may never come, and Envoy answers 503 for them.</summary>
    private bool IsWarmingOnly(string cluster) => _warmingClusters.ContainsKey(cluster) && !_clusters.ContainsKey(cluster);

    private bool IsReady(ListenerEntry listener) =>
        listener.RouteNames.All(_routes.ContainsKey) && !SnapshotReferences.Clusters(listener.Compiled).Any(IsWarmingOnly);

    private void DropUnused()
    {
        if (_removedClusters.Count > 0)
        {
            var used = new HashSet<string>(StringComparer.Ordinal);
            foreach (var route in _routes.Values.Concat(_heldRoutes.Values)) used.UnionWith(route.Clusters);
            foreach (var listener in _listeners.Values.Concat(_warmingListeners.Values)) used.UnionWith(SnapshotReferences.Clusters(listener.Compiled));
            foreach (var name in _removedClusters.Where(name => !used.Contains(name)).ToList())
            {
                _removedClusters.Remove(name);
                if (!_clusters.Remove(name, out var entry)) continue;
                entry.Ended.Cancel();
                _isDirty = true;
                Happened(ConfigurationEvent.ClusterRemoved, name);
            }
        }
        var asked = RouteNames.ToHashSet(StringComparer.Ordinal);
        foreach (var name in _routes.Keys.Where(name => !asked.Contains(name)).ToList())
        {
            _routes.Remove(name);
            _isDirty = true;
        }
        foreach (var name in _heldRoutes.Keys.Where(name => !asked.Contains(name)).ToList()) _heldRoutes.Remove(name);
        if (_assignments.Count == 0) return;
        var edsNames = EdsNames.ToHashSet(StringComparer.Ordinal);
        foreach (var name in _assignments.Keys.Where(name => !edsNames.Contains(name)).ToList()) _assignments.Remove(name);
    }

    private void Publish()
    {
        _isDirty = false;
        var clusters = new Dictionary<string, ClusterSnapshot>(_clusters.Count, StringComparer.Ordinal);
        foreach (var entry in _clusters.Values)
        {
            if (entry.Published is null || !ReferenceEquals(entry.Published.Endpoints, entry.Endpoints))
            {
                _discovery.Members(entry.Compiled.Config.Stats, entry.Published?.Endpoints, entry.Endpoints!);
                entry.Published = new ClusterSnapshot(entry.Compiled.Config, entry.Endpoints!);
            }
            clusters[entry.Name] = entry.Published;
        }
        var next = new ProxySnapshot(
            ++_generation,
            _listeners.ToDictionary(pair => pair.Key, pair => pair.Value.Compiled, StringComparer.Ordinal),
            clusters,
            _routes.ToDictionary(pair => pair.Key, pair => pair.Value.Compiled, StringComparer.Ordinal));
        _store.Publish(next);
        Happened(ConfigurationEvent.Published, string.Empty);
    }
}
