using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;
using Fairlead.Config.Schemas;

namespace Fairlead.Config.Validation;

/// <summary>Judges a document as the API server and the webhook together would: could it be read, does it fit its schema, do its values hold.</summary>
public static class DocumentValidator
{
    /// <summary>All findings, each with its place in the text.</summary>
    public static IReadOnlyList<Finding> Check(SourceDocument document)
    {
        var findings = document.Faults
            .Where(fault => document.Object is null || !fault.Message.StartsWith("duplicate field", StringComparison.Ordinal))
            .Select(fault => new Finding(Severity.Error, Codes.SchemaValidationError, "", fault.Message, "correct the text at this place") { Position = fault.Position })
            .ToList();
        if (document.Object is not { } target)
            return findings;
        findings.AddRange(Schema(document, target));
        if (KindTable.Find(target) is not null)
            findings.AddRange(Validator.Validate(target).Where(finding => !findings.Any(known => known.Path == finding.Path && known.Severity == Severity.Error)).ToArray());
        return [.. findings.Select(finding => finding with
        {
            Kind = target.Kind,
            Namespace = target.Namespace,
            Name = target.Name,
            Position = finding.Position ?? document.Find(finding.Path),
        })];
    }

    private static IEnumerable<Finding> Schema(SourceDocument document, KubeObject target)
    {
        if (target.ApiVersion.Length == 0 || target.Kind.Length == 0)
            return [Error("apiVersion", "apiVersion and kind are required", "start the document with apiVersion and kind")];
        if (SchemaTable.Find(target) is not { } schema || KindTable.Find(target) is null)
            return [Error("kind", $"no matches for kind \"{target.Kind}\" in version \"{target.ApiVersion}\"", Served(target))];
        return StrictDecoder.Decode(schema, target, document.DuplicateFields).Select(problem => Error(problem.Path, problem.Message, problem.Remedy));
    }

    private static string Served(KubeObject target)
    {
        if (KindTable.All.FirstOrDefault(kind => kind.Kind == target.Kind) is { } known)
            return $"write apiVersion: {known.ApiVersion(known.Versions[0])}";
        return NearMiss.Find(target.Kind, KindTable.All.Select(kind => kind.Kind)) is { } near ? $"did you mean {near}?" : "use a kind that `kubectl api-resources` lists";
    }

    private static Finding Error(string path, string message, string remedy) => new(Severity.Error, Codes.SchemaValidationError, path, message, remedy);
}
