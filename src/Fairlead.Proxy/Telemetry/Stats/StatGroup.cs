namespace Fairlead.Proxy.Telemetry.Stats;

/// <summary>
/// The stats of one thing (a cluster, a listener): a block of slots in every shard, names shared by all groups of the kind.
/// </summary>
internal class StatGroup
{
    private readonly StatDefinition[] _definitions;

    /// <param name="textPrefix">Envoy's name up to the stat's own, with dot: "cluster.foo;.".</param>
    /// <param name="prometheusPrefix">After tag extraction, with underscore: "cluster_".</param>
    /// <param name="tags">What extraction took out.</param>
    /// <param name="definitions">Shared by all groups of the kind; a stat's place in it is its offset when all take one slot.</param>
    internal StatGroup(string textPrefix, string prometheusPrefix, StatTag[] tags, StatDefinition[] definitions)
    {
        TextPrefix = textPrefix;
        PrometheusPrefix = prometheusPrefix;
        Tags = tags;
        _definitions = definitions;
        foreach (var definition in definitions) SlotCount += definition.Slots;
    }

    public string TextPrefix { get; }

    public string PrometheusPrefix { get; }

    public IReadOnlyList<StatTag> Tags { get; }

    public IReadOnlyList<StatDefinition> Definitions => _definitions;

    public int SlotCount { get; }

    /// <summary>Index of the first slot in every shard; set once by the registry.</summary>
    public int FirstSlot { get; internal set; }

    /// <summary>Groups print without Envoy's "envoy_" prefix when this is set (istio_requests_total).</summary>
    public bool IsCustomNamespace { get; internal init; }
}
