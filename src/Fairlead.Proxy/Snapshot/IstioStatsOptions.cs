namespace Fairlead.Proxy.Snapshot;

/// <summary>The options of Istio's stats filter that this proxy acts on (stats.PluginConfig).</summary>
internal sealed class IstioStatsOptions
{
    public static readonly IstioStatsOptions Default = new();

    private static int _lastId;

    /// <summary>Of this object: what differs in options differs in it.</summary>
    public int Id { get; } = Interlocked.Increment(ref _lastId);

    /// <summary>Do not take destination_service from the Host header when the cluster names none.</summary>
    public bool DisableHostHeaderFallback { get; init; }

    /// <summary>Metric names (without <c>istio_</c>) that are dropped; "" drops all.</summary>
    public IReadOnlySet<string> Dropped { get; init; } = new HashSet<string>();

    /// <summary>Labels left out, by metric name; "" holds those of every metric.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> RemovedTags { get; init; } = new Dictionary<string, IReadOnlySet<string>>();

    public bool IsDefault => Dropped.Count == 0 && RemovedTags.Count == 0;

    public bool IsDropped(string metric) => Dropped.Contains(string.Empty) || Dropped.Contains(metric);

    public bool IsRemoved(string metric, string label) => Removes(string.Empty, label) || Removes(metric, label);

    private bool Removes(string metric, string label) => RemovedTags.TryGetValue(metric, out var labels) && labels.Contains(label);
}
