using System.Collections.Concurrent;
using Google.Protobuf;
using Io.Istio.Http.PeerMetadata;
using Istio.Stats;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>Istio's own filters.</summary>
internal static class IstioFilterCompiler
{
    private const int MaxKnown = 64;

    private static readonly IstioStatsOptions WithoutFallback = new() { DisableHostHeaderFallback = true };
    private static readonly ConcurrentDictionary<ByteString, IstioStatsOptions> Known = new();

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
        ReportingInterval = ProtoValues.Time(config.TcpReportingDuration, TimeSpan.FromSeconds(5), "stats.tcp_reporting_duration"),
        Options = Options(config),
    };

    /// <summary>Equal options share one object as a rule, so that the series of a configuration are those of the one before.</summary>
    public static IstioStatsOptions Options(PluginConfig config)
    {
        if (config.Metrics.Count == 0) return config.DisableHostHeaderFallback ? WithoutFallback : IstioStatsOptions.Default;
        var bytes = config.ToByteString();
        if (Known.TryGetValue(bytes, out var known)) return known;
        if (Known.Count >= MaxKnown) Known.Clear();
        return Known[bytes] = Compile(config);
    }

    private static IstioStatsOptions Compile(PluginConfig config)
    {
        var removed = new Dictionary<string, HashSet<string>>();
        var dropped = new HashSet<string>(StringComparer.Ordinal);
        foreach (var metric in config.Metrics)
        {
            if (metric.Drop) dropped.Add(metric.Name);
            if (metric.TagsToRemove.Count == 0) continue;
            if (!removed.TryGetValue(metric.Name, out var labels)) removed[metric.Name] = labels = new HashSet<string>(StringComparer.Ordinal);
            labels.UnionWith(metric.TagsToRemove);
        }
        return new IstioStatsOptions
        {
            DisableHostHeaderFallback = config.DisableHostHeaderFallback,
            Dropped = dropped,
            RemovedTags = removed.ToDictionary(entry => entry.Key, entry => (IReadOnlySet<string>)entry.Value),
        };
    }
}
