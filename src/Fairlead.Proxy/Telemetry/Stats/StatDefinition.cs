namespace Fairlead.Proxy.Telemetry.Stats;

/// <summary>One stat of a group.</summary>
/// <param name="Name">Without the group's prefix: "upstream_rq_total".</param>
/// <param name="Kind">Counter and gauge take one slot, a histogram <see cref="HistogramLayout.Slots"/>.</param>
/// <param name="PrometheusName">When tag extraction changes the name ("upstream_rq_xx"); else null.</param>
/// <param name="Tag">The tag that extraction takes out of the name; else null.</param>
internal sealed record StatDefinition(string Name, StatKind Kind, string? PrometheusName = null, StatTag? Tag = null)
{
    public int Slots => Kind == StatKind.Histogram ? HistogramLayout.Slots : 1;
}
