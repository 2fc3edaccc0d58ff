using Fairlead.Config.Kinds;
using Fairlead.Config.Validation;

namespace Fairlead.Config.Analysis;

/// <summary>Collects findings: adds the object and the position, drops what the object suppresses.</summary>
internal sealed class FindingSink(AnalysisInput input)
{
    /// <summary>Comma-separated codes, or <c>*</c>, on the object itself: Istio's annotation.</summary>
    public const string SuppressAnnotation = "galley.istio.io/analyze-suppress";

    /// <summary>Findings of one analysis: a report that nobody can read helps nobody, and memory stays bounded.</summary>
    public const int MaxFindings = 100_000;

    private readonly List<Finding> findings = [];

    public IReadOnlyList<Finding> Findings => findings;

    public void Error(KubeObject target, string code, string path, string message, string remedy) => Add(Severity.Error, target, code, path, message, remedy);

    public void Warn(KubeObject target, string code, string path, string message, string remedy) => Add(Severity.Warning, target, code, path, message, remedy);

    public void Info(KubeObject target, string code, string path, string message, string remedy) => Add(Severity.Info, target, code, path, message, remedy);

    public void Add(KubeObject target, Finding finding)
    {
        if (findings.Count >= MaxFindings || IsSuppressed(target, finding.Code))
            return;
        findings.Add(finding with
        {
            Kind = target.Kind,
            Namespace = target.Namespace,
            Name = target.Name,
            Position = input.Sources.TryGetValue(target, out var source) ? source.Find(finding.Path) : null,
        });
    }

    private void Add(Severity severity, KubeObject target, string code, string path, string message, string remedy) =>
        Add(target, new Finding(severity, code, path, message, remedy));

    private static bool IsSuppressed(KubeObject target, string code)
    {
        if ((target.Root["metadata"] as System.Text.Json.Nodes.JsonObject).Object("annotations").Text(SuppressAnnotation) is not { Length: > 0 } given)
            return false;
        var codes = given.Split(',', StringSplitOptions.TrimEntries);
        return codes.Contains("*") || codes.Contains(code);
    }
}
