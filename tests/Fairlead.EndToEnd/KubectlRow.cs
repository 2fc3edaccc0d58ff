using System.Text.RegularExpressions;
using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>
/// What is typed, the exit code, and what is printed: regular expressions that come in this order. <c>$K</c> is the kubectl under test
/// in the test's own namespace, <c>$F</c> a folder for files.
/// </summary>
internal sealed record KubectlRow(string Name, string Commands, int Exit, params string[] Printed)
{
    /// <summary>The oldest kubectl that has the command, as its minor version.</summary>
    public int Since { get; init; }

    public string? Fault(StepResult result)
    {
        if (result.ExitCode != Exit)
            return $"{Name}: exit code {result.ExitCode}, not {Exit}\n{Commands}\n{result.Output}";
        var at = 0;
        foreach (var expression in Printed)
        {
            var match = new Regex(expression, RegexOptions.Multiline, TimeSpan.FromSeconds(1)).Match(result.Output, at);
            if (!match.Success)
                return $"{Name}: /{expression}/ is not printed, or not where it should be\n{Commands}\n{result.Output}";
            at = match.Index + match.Length;
        }
        return null;
    }
}
