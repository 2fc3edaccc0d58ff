using Fairlead.Config.Analysis;
using Fairlead.Config.Kinds;
using Fairlead.Config.Validation;
using Fairlead.ControlPlane.Ingest;

namespace Fairlead.ControlPlane.Admission;

/// <summary>
/// Judges an object of Istio's kinds before it is stored: what is invalid on its own is refused with everything that is wrong; what is
/// valid and yet does not do what its author wants, seen beside the mesh and its traffic, is a warning.
/// </summary>
internal static class ConfigurationReview
{
    /// <summary>Warnings per answer, so that a large mistake does not fill the terminal; the last one says how many more there are.</summary>
    private const int WarningLimit = 10;

    /// <param name="target">The object as it would be stored.</param>
    /// <param name="view">The mesh as it is.</param>
    /// <param name="unknown">Destinations that sidecars saw and no service claims.</param>
    public static AdmissionAnswer Of(KubeObject target, ResourceView view, IReadOnlyList<ObservedDestination> unknown)
    {
        var own = Validator.Validate(target);
        // The status that comes along judges what was stored before, not what is applied now.
        return Denial(own) ?? Allowed(target, own.Concat(Analyzer.About(MeshAnalysis.Input(view, unknown, target), target))
            .Where(finding => finding.Code != AnalysisCodes.NegativeCondition));
    }

    /// <summary>Judges the object on its own; <paramref name="note"/> is a warning that says so.</summary>
    public static AdmissionAnswer WithoutMesh(KubeObject target, string note)
    {
        var own = Validator.Validate(target);
        if (Denial(own) is { } denial)
            return denial;
        var answer = Allowed(target, own);
        return answer with { Warnings = [.. answer.Warnings, note] };
    }

    private static AdmissionAnswer? Denial(IReadOnlyList<Finding> own)
    {
        var errors = own.Where(finding => finding.Severity == Severity.Error).ToList();
        return errors.Count > 0 ? AdmissionAnswer.Denied(Refusal(errors)) : null;
    }

    private static AdmissionAnswer Allowed(KubeObject target, IEnumerable<Finding> findings)
    {
        var warnings = findings.Where(finding => finding.Severity >= Severity.Warning).Select(Warning).Distinct(StringComparer.Ordinal).ToList();
        if (warnings.Count > WarningLimit)
            warnings = [.. warnings.Take(WarningLimit), $"{warnings.Count - WarningLimit} more: fairlead analyze -n {target.Namespace}"];
        return AdmissionAnswer.Unchanged with { Warnings = warnings };
    }

    /// <summary>The words of Istio's webhook, then each fault with its field and what to write instead.</summary>
    private static string Refusal(List<Finding> errors) => errors.Count == 1
        ? $"configuration is invalid: {Sentence(errors[0])}"
        : $"configuration is invalid: {errors.Count} errors occurred:{string.Concat(errors.Select(error => $"\n\t* {Sentence(error)}"))}\n";

    private static string Sentence(Finding finding) => finding.Remedy.Length > 0 ? $"{finding.Path}: {finding.Message}; {finding.Remedy}" : $"{finding.Path}: {finding.Message}";

    private static string Warning(Finding finding) => $"{Sentence(finding)} [{finding.Code}]";
}
