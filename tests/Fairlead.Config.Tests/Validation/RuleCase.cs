using Fairlead.Config.Kinds;
using Fairlead.Config.Validation;

namespace Fairlead.Config.Tests.Validation;

/// <summary>The check that all rule tables share.</summary>
internal static class RuleCase
{
    /// <summary>The object breaks a rule: a finding of this severity at this field, with these words and a remedy.</summary>
    public static void ShouldBeReported(KubeObject target, Severity severity, string path, string words)
    {
        var findings = Validator.Validate(target);
        var match = findings.FirstOrDefault(finding => finding.Severity == severity && finding.Path == path && finding.Message.Contains(words, StringComparison.Ordinal));
        match.ShouldNotBeNull($"{severity} at {path} with '{words}' in:\n{string.Join("\n", findings)}");
        match.Remedy.ShouldNotBeEmpty();
        match.Name.ShouldBe(target.Name);
    }

    public static void ShouldPass(KubeObject target) => Validator.Validate(target).ShouldBeEmpty();
}
