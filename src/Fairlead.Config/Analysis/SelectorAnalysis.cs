using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Analysis;

/// <summary>IST0110, IST0111, IST0127: selectors that meet, or match nothing.</summary>
internal static class SelectorAnalysis
{
    /// <summary>Pods that are looked at for each Sidecar: one pod in two selectors is enough to tell.</summary>
    private const int MostPairs = 2_000;

    public static void Check(AnalysisModel model, FindingSink sink)
    {
        foreach (var (source, sidecar) in model.Sidecars)
            Unmatched(model, sink, source, sidecar.WorkloadSelector, "spec.workloadSelector.labels");
        foreach (var (source, entry) in model.Entries)
            Unmatched(model, sink, source, entry.WorkloadSelector, "spec.workloadSelector.labels");
        foreach (var (source, rule) in model.DestinationRules)
            Unmatched(model, sink, source, rule.WorkloadSelector, "spec.workloadSelector.matchLabels");
        foreach (var (source, telemetry) in model.Telemetries)
            Unmatched(model, sink, source, telemetry.Selector, "spec.selector.matchLabels");
        foreach (var space in model.Sidecars.GroupBy(item => item.Value.Meta.Namespace, StringComparer.Ordinal))
            Sidecars(model, sink, space.Key, [.. space]);
    }

    private static void Unmatched(AnalysisModel model, FindingSink sink, KubeObject source, ValueMap<string>? selector, string path)
    {
        if (selector is not { Count: > 0 } || !model.KnowsWorkloads)
            return;
        var isMeshWide = source.Namespace == model.Mesh.RootNamespace;
        var matched = isMeshWide ? model.Namespaces.Any(space => model.SelectsAny(space.Value.Meta.Name, selector)) || model.SelectsAny(source.Namespace, selector)
            : model.SelectsAny(source.Namespace, selector);
        if (!matched)
            sink.Warn(source, AnalysisCodes.NoMatchingWorkloads, path, $"No matching workloads for this resource with the following labels: {selector}",
                "label the workloads, or correct the selector");
    }

    private static void Sidecars(AnalysisModel model, FindingSink sink, string space, Item<Sidecar>[] sidecars)
    {
        var open = sidecars.Where(item => item.Value.WorkloadSelector is not { Count: > 0 }).ToArray();
        if (open.Length > 1)
        {
            foreach (var item in open)
                sink.Error(item.Source, AnalysisCodes.SeveralSidecarsWithoutSelector, "spec",
                    $"The Sidecars [{Names(open)}] in namespace \"{space}\" have no workload selector, which can lead to undefined behavior.",
                    "keep one without a selector, or give the others one");
        }
        var selective = sidecars.Except(open).ToArray();
        if (selective.Length < 2)
            return;
        foreach (var workload in model.Workloads(space).Take(MostPairs))
        {
            var matching = selective.Where(item => workload.Has(item.Value.WorkloadSelector!)).ToArray();
            if (matching.Length < 2)
                continue;
            foreach (var item in matching)
                sink.Error(item.Source, AnalysisCodes.ConflictingSidecarSelectors, "spec.workloadSelector",
                    $"The Sidecars [{Names(matching)}] in namespace \"{space}\" select the same workload pod \"{workload.Name}\", which can lead to undefined behavior.",
                    "make the selectors disjoint, or merge the Sidecars");
        }
    }

    private static string Names(IEnumerable<Item<Sidecar>> sidecars) => string.Join(" ", sidecars.Select(item => item.Value.Meta.Name).Order(StringComparer.Ordinal));
}
