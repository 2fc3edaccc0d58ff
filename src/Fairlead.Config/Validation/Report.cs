using Fairlead.Config.Kinds;

namespace Fairlead.Config.Validation;

/// <summary>Collects the findings about one object.</summary>
internal sealed class Report(KubeObject target)
{
    /// <summary>Findings kept for one object: enough for any real mistake, few enough that hostile input stays cheap.</summary>
    public const int MaxFindings = 200;

    private readonly List<Finding> findings = [];

    public KubeObject Target { get; } = target;

    public IReadOnlyList<Finding> Findings => findings;

    public void Error(Field field, string message, string remedy, string reason = "FieldValueInvalid") =>
        Add(Severity.Error, Codes.SchemaValidationError, field.Path, message, remedy, reason);

    public void Required(Field field, string remedy) =>
        Add(Severity.Error, Codes.SchemaValidationError, field.Path, "Required value", remedy, "FieldValueRequired");

    public void Warn(Field field, string message, string remedy, string code = Codes.SchemaWarning) =>
        Add(Severity.Warning, code, field.Path, message, remedy, "FieldValueInvalid");

    public void Info(Field field, string message, string remedy, string code) =>
        Add(Severity.Info, code, field.Path, message, remedy, "FieldValueInvalid");

    private void Add(Severity severity, string code, string path, string message, string remedy, string reason)
    {
        if (findings.Count >= MaxFindings)
            return;
        findings.Add(new Finding(severity, code, path, message, remedy)
        {
            Kind = Target.Kind,
            Namespace = Target.Namespace,
            Name = Target.Name,
            Reason = reason,
        });
    }
}
