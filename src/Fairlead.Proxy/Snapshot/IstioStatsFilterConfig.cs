namespace Fairlead.Proxy.Snapshot;

/// <summary>Istio's stats filter on a TCP filter chain: report the connection in Istio's standard metrics.</summary>
internal sealed class IstioStatsFilterConfig : NetworkFilterConfig
{
    /// <summary>Time between reports of a long connection; Istio's default is 5 s, 15 before 1.18.</summary>
    public required TimeSpan ReportingInterval { get; init; }

    public required IstioStatsOptions Options { get; init; }

    public override bool IsTerminal => false;
}
