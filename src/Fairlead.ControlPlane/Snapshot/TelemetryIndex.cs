using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// Telemetry objects by reach: mesh (root namespace), namespace, workload. Of objects without a selector only the oldest of a
/// namespace counts (Istio, <c>model/telemetry.go</c>).
/// </summary>
public sealed class TelemetryIndex
{
    private readonly Dictionary<string, ValueList<Telemetry>> byNamespace;

    private TelemetryIndex(Dictionary<string, ValueList<Telemetry>> byNamespace, ValueList<TranslationFinding> findings)
    {
        this.byNamespace = byNamespace;
        Findings = findings;
        SelectorKeys = byNamespace.Values.SelectMany(list => list).SelectMany(item => item.Selector?.Keys ?? []).ToHashSet(StringComparer.Ordinal);
    }

    public static TelemetryIndex Empty { get; } = new([], []);

    public ValueList<TranslationFinding> Findings { get; }

    /// <summary>Labels that some object selects by.</summary>
    public IReadOnlySet<string> SelectorKeys { get; }

    public static TelemetryIndex Build(ValueList<Telemetry> items)
    {
        var byNamespace = items.GroupBy(item => item.Meta.Namespace, StringComparer.Ordinal).ToDictionary(
            group => group.Key,
            group => group.OrderBy(item => item.Meta.Created).ThenBy(item => item.Meta.Name, StringComparer.Ordinal).ToValueList(),
            StringComparer.Ordinal);
        var findings = byNamespace.Values
            .SelectMany(list => list.Where(item => item.Selector is null && item.TargetRefs.Count == 0).Skip(1).Select(later => new TranslationFinding(
                SourceOf(later), "spec.selector", FindingCodes.Shadowed,
                $"only the oldest Telemetry without a selector counts in a namespace: {list.First(item => item.Selector is null && item.TargetRefs.Count == 0).Meta.Name}; add a selector or delete one")))
            .ToValueList();
        return new TelemetryIndex(byNamespace, findings);
    }

    public static SourceReference SourceOf(Telemetry item) => new("Telemetry", item.Meta.Namespace, item.Meta.Name);

    public TelemetrySettings For(string ns, IReadOnlyDictionary<string, string> labels, MeshSettings mesh)
    {
        var levels = Levels(ns, labels, mesh.RootNamespace);
        return new TelemetrySettings(Direction(levels, mesh, WorkloadMode.Client), Direction(levels, mesh, WorkloadMode.Server));
    }

    /// <summary>From the widest to the narrowest.</summary>
    private List<Telemetry> Levels(string ns, IReadOnlyDictionary<string, string> labels, string rootNamespace)
    {
        var levels = new List<Telemetry>();
        foreach (var space in new[] { rootNamespace, ns }.Distinct(StringComparer.Ordinal))
        {
            if (byNamespace.GetValueOrDefault(space)?.FirstOrDefault(item => item.Selector is null && item.TargetRefs.Count == 0) is { } wide)
                levels.Add(wide);
        }

        if (byNamespace.GetValueOrDefault(ns)?.FirstOrDefault(item => item.Selector is { } selector && LabelMatch.Includes(selector, labels)) is { } own)
            levels.Add(own);
        return levels;
    }

    private static DirectionTelemetry Direction(List<Telemetry> levels, MeshSettings mesh, WorkloadMode mode) =>
        new(AccessLogs(levels, mesh, mode), TracingOf(levels, mesh, mode), Metrics(levels, mode));

    private static ValueList<AccessLogSink> AccessLogs(List<Telemetry> levels, MeshSettings mesh, WorkloadMode mode)
    {
        var entries = levels.SelectMany(level => level.AccessLogging).ToArray();
        if (entries.Length == 0 && mesh.DefaultAccessLogProviders.Count == 0)
            return mesh.AccessLog is { } fallback ? [fallback] : [];
        // The narrowest level that names providers decides which are in force at all.
        var inForce = entries.LastOrDefault(entry => entry.Providers.Count > 0)?.Providers ?? mesh.DefaultAccessLogProviders;
        var inherited = mesh.DefaultAccessLogProviders;
        var enabled = new List<string>();
        if (entries.Length == 0)
            enabled.AddRange(inForce);
        foreach (var entry in entries)
        {
            var named = inherited = entry.Providers.Count > 0 ? entry.Providers : inherited;
            if (entry.Mode != WorkloadMode.ClientAndServer && entry.Mode != mode)
                continue;
            foreach (var provider in named.Where(provider => inForce.Contains(provider)))
            {
                enabled.Remove(provider);
                if (entry.Disabled != true)
                    enabled.Add(provider);
            }
        }

        return enabled.Select(name => mesh.Provider(name)?.FileLog).OfType<AccessLogSink>().Distinct().ToValueList();
    }

    private static TracingSettings TracingOf(List<Telemetry> levels, MeshSettings mesh, WorkloadMode mode)
    {
        var settings = new TracingSettings(mesh.TracingSampling);
        foreach (var entry in levels.SelectMany(level => level.Tracing).Where(entry => entry.Mode == WorkloadMode.ClientAndServer || entry.Mode == mode))
        {
            settings = new TracingSettings(
                entry.RandomSamplingPercentage ?? settings.SamplingPercent,
                entry.UseRequestIdForTraceSampling ?? settings.UseRequestId);
        }

        return settings;
    }

    private static bool Metrics(List<Telemetry> levels, WorkloadMode mode)
    {
        var enabled = true;
        foreach (var change in levels.SelectMany(level => level.Metrics).SelectMany(entry => entry.Overrides))
        {
            if (change.Metric == "ALL_METRICS" && (change.Mode == WorkloadMode.ClientAndServer || change.Mode == mode) && change.Disabled is { } disabled)
                enabled = !disabled;
        }

        return enabled;
    }
}
