using System.IO.Enumeration;
using Fairlead.App.CommandLine;
using Fairlead.Config.Validation;

namespace Fairlead.App.Findings;

/// <summary>A finding that the caller does not want to see: <c>CODE=Kind name.namespace</c>, with <c>*</c> for any characters, as istioctl's <c>--suppress</c>.</summary>
internal sealed record Suppression(string Code, string Resource)
{
    public static Suppression Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || equals == text.Length - 1)
            throw new CommandException($"\"{text}\" is not a valid suppression: write CODE=RESOURCE, for instance IST0102=Namespace frontend");
        return new Suppression(text[..equals], text[(equals + 1)..]);
    }

    public bool Covers(Finding finding)
    {
        var name = finding.Namespace.Length == 0 ? $"{finding.Kind} {finding.Name}" : $"{finding.Kind} {finding.Name}.{finding.Namespace}";
        return Code == finding.Code && (FileSystemName.MatchesSimpleExpression(Resource, name, ignoreCase: false) || FileSystemName.MatchesSimpleExpression(Resource, finding.Origin, ignoreCase: false));
    }
}
