using Fairlead.Config.Kinds;
using Fairlead.Config.Validation;

namespace Fairlead.Config.Analysis;

/// <summary>
/// Judges objects together: what each says on its own (<see cref="Validator"/>) and what only shows across resources. Pure;
/// work grows with the number of objects, not with its square.
/// </summary>
public static class Analyzer
{
    /// <summary>All findings, most severe first, then by object and field.</summary>
    public static IReadOnlyList<Finding> Analyze(AnalysisInput input)
    {
        var sink = new FindingSink(input);
        foreach (var target in input.Objects)
        {
            foreach (var finding in Validator.Validate(target))
                sink.Add(target, finding);
        }
        AcrossResources(input, sink);
        return Ordered(sink.Findings);
    }

    /// <summary>Only the findings that need other resources, as admission warnings and status conditions want them for one object.</summary>
    public static IReadOnlyList<Finding> About(AnalysisInput input, KubeObject target)
    {
        var sink = new FindingSink(input);
        AcrossResources(input, sink);
        return Ordered(sink.Findings.Where(finding => finding.Kind == target.Kind && finding.Namespace == target.Namespace && finding.Name == target.Name));
    }

    private static void AcrossResources(AnalysisInput input, FindingSink sink)
    {
        var model = new AnalysisModel(input);
        NearHosts.Check(model, sink);
        VirtualServiceAnalysis.Check(model, sink);
        MeshHostConflicts.Check(model, sink);
        DestinationRuleAnalysis.Check(model, sink);
        ServiceEntryAnalysis.Check(model, sink);
        EntryConflicts.Check(model, sink);
        SelectorAnalysis.Check(model, sink);
        InjectionAnalysis.Check(model, sink);
        ServiceAnalysis.Check(model, sink);
        AnnotationAnalysis.Check(model, sink);
        ConditionAnalysis.Check(model, sink);
        TelemetryAnalysis.Check(model, sink);
        UnsupportedSettings.Check(model, sink);
    }

    private static IReadOnlyList<Finding> Ordered(IEnumerable<Finding> findings) =>
        [.. findings.OrderByDescending(finding => finding.Severity)
            .ThenBy(finding => finding.Namespace, StringComparer.Ordinal)
            .ThenBy(finding => finding.Kind, StringComparer.Ordinal)
            .ThenBy(finding => finding.Name, StringComparer.Ordinal)
            .ThenBy(finding => finding.Code, StringComparer.Ordinal)
            .ThenBy(finding => finding.Path, StringComparer.Ordinal)];
}
