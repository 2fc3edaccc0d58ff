using Io.Istio.Http.PeerMetadata;
using Istio.Stats;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>Istio's own filters.</summary>
internal static class IstioFilterCompiler
{
    public static HttpFilterConfig.PeerMetadata PeerMetadata(string name, Config config, CompileContext context, string path)
    {
        if (config.AdditionalLabels.Count > 0) throw new ConfigException(path + ".additional_labels", "is not supported");
        var upstream = config.UpstreamPropagation.FirstOrDefault(method => method.IstioHeaders is not null);
        return new HttpFilterConfig.PeerMetadata
        {
            Name = name,
            Value = context.PeerMetadata,
            Id = context.PeerId,
            PropagateUpstream = upstream is not null,
            PropagateDownstream = config.DownstreamPropagation.Any(method => method.IstioHeaders is not null),
            DiscoverUpstream = config.UpstreamDiscovery.Any(method => method.IstioHeaders is not null),
            DiscoverDownstream = config.DownstreamDiscovery.Any(method => method.IstioHeaders is not null),
            SkipExternalClusters = upstream?.IstioHeaders.SkipExternalClusters ?? false,
        };
    }

    public static IstioStatsFilterConfig TcpStats(PluginConfig config) => new()
    {
        ReportingInterval = ProtoValues.Time(config.TcpReportingDuration, TimeSpan.FromSeconds(15), "stats.tcp_reporting_duration"),
        Options = Options(config),
    };

    public static IstioStatsOptions Options(PluginConfig config)
    {
        var removed = new Dictionary<string, IReadOnlySet<string>>();
        var dropped = new HashSet<string>(StringComparer.Ordinal);
        foreach (var metric in config.Metrics)
        {
            if (metric.Drop) dropped.Add(metric.Name.Length == 0 ? "*" : metric.Name);
            if (metric.TagsToRemove.Count > 0) removed[metric.Name] = new HashSet<string>(metric.TagsToRemove, StringComparer.Ordinal);
        }
        return new IstioStatsOptions { DisableHostHeaderFallback = config.DisableHostHeaderFallback, Dropped = dropped, RemovedTags = removed };
    }
}
