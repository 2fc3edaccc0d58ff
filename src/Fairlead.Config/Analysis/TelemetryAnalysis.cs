using Fairlead.Config.Kinds;

namespace Fairlead.Config.Analysis;

/// <summary>IST0101, IST0157, IST0159, IST0160: Telemetry objects and the providers they name.</summary>
internal static class TelemetryAnalysis
{
    private static readonly string[] BuiltIn = ["envoy", "prometheus", "stackdriver"];

    public static void Check(AnalysisModel model, FindingSink sink)
    {
        foreach (var (source, telemetry) in model.Telemetries)
        {
            Providers(model, sink, source, telemetry);
            if (telemetry.AccessLogging.Any(logging => logging.Providers.Count == 0) && model.Mesh is { DefaultAccessLogProviders.Count: 0, AccessLogFile.Length: 0 } && model.Input.IsComplete)
                sink.Warn(source, AnalysisCodes.TelemetryWithoutProvider, "spec.accessLogging",
                    $"The Telemetry {telemetry.Meta.Name} in namespace \"{telemetry.Meta.Namespace}\" has no provider and the mesh has no default one: nothing is logged",
                    "name a provider, for instance providers: [{name: envoy}]");
        }
        foreach (var space in model.Telemetries.GroupBy(item => item.Value.Meta.Namespace, StringComparer.Ordinal))
            Conflicts(model, sink, space.Key, [.. space]);
    }

    private static void Providers(AnalysisModel model, FindingSink sink, KubeObject source, Telemetry telemetry)
    {
        var known = model.Mesh.ExtensionProviders.Select(provider => provider.Name).Concat(BuiltIn).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var named = telemetry.AccessLogging.Select((item, i) => ($"spec.accessLogging[{i}]", item.Providers))
            .Concat(telemetry.Metrics.Select((item, i) => ($"spec.metrics[{i}]", item.Providers)))
            .Concat(telemetry.Tracing.Select((item, i) => ($"spec.tracing[{i}]", item.Providers)));
        foreach (var (path, providers) in named)
        {
            for (var i = 0; i < providers.Count; i++)
            {
                if (!known.Contains(providers[i]) && model.Input.IsComplete)
                    sink.Error(source, AnalysisCodes.ReferencedResourceNotFound, $"{path}.providers[{i}].name", $"Referenced provider not found: \"{providers[i]}\"",
                        "add it to extensionProviders of the mesh's settings, or write envoy");
            }
        }
    }

    private static void Conflicts(AnalysisModel model, FindingSink sink, string space, Item<Telemetry>[] items)
    {
        var open = items.Where(item => item.Value is { Selector: not { Count: > 0 }, TargetRefs.Count: 0 }).ToArray();
        if (open.Length > 1)
        {
            foreach (var item in open)
                sink.Error(item.Source, AnalysisCodes.SeveralTelemetriesWithoutSelector, "spec",
                    $"The Telemetries [{Names(open)}] in namespace \"{space}\" have no workload selector, which can lead to undefined behavior.", "merge them: only the oldest is used");
        }
        var selective = items.Where(item => item.Value.Selector is { Count: > 0 }).ToArray();
        if (selective.Length < 2)
            return;
        foreach (var workload in model.Workloads(space))
        {
            var matching = selective.Where(item => workload.Has(item.Value.Selector!)).ToArray();
            if (matching.Length < 2)
                continue;
            foreach (var item in matching)
                sink.Error(item.Source, AnalysisCodes.ConflictingTelemetrySelectors, "spec.selector",
                    $"The Telemetries [{Names(matching)}] in namespace \"{space}\" select the same workload pod \"{workload.Name}\", which can lead to undefined behavior.",
                    "make the selectors disjoint, or merge them");
        }
    }

    private static string Names(IEnumerable<Item<Telemetry>> items) => string.Join(" ", items.Select(item => item.Value.Meta.Name).Order(StringComparer.Ordinal));
}
