using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Filters;

/// <summary>The series that a stream counts in: one for all metrics, or, where the configuration drops metrics or labels, one for each.</summary>
internal sealed class IstioSeriesSet
{
    private readonly IstioSeries?[] _parts;

    /// <param name="registry">Where the series live.</param>
    /// <param name="isTcp">Which of the two sets of metrics.</param>
    /// <param name="tags">In Istio's label order.</param>
    /// <param name="options">Of the stats filter.</param>
    public IstioSeriesSet(StatRegistry registry, bool isTcp, StatTag[] tags, IstioStatsOptions options)
    {
        _parts = [];
        if (options.IsDefault)
        {
            Whole = IstioSeries.Of(registry, isTcp, tags);
            return;
        }
        var metrics = IstioSeries.Metrics(isTcp);
        _parts = new IstioSeries?[metrics.Count];
        for (var i = 0; i < _parts.Length; i++)
        {
            var name = metrics[i];
            if (!options.IsDropped(name)) _parts[i] = IstioSeries.OfOne(registry, isTcp, i, [.. tags.Where(tag => !options.IsRemoved(name, tag.Name))]);
        }
    }

    /// <summary>Null: each metric has its own.</summary>
    public IstioSeries? Whole { get; }

    /// <summary>The series of one metric, which stands at its beginning; null = it is dropped.</summary>
    public IstioSeries? Part(int metric) => _parts[metric];
}
