namespace Fairlead.App.Walkthrough;

/// <summary>One thing that must be so after a step.</summary>
/// <param name="Name">What is checked, as a statement.</param>
/// <param name="Fault">What is wrong, or null when the statement holds.</param>
internal sealed record Check(Phrase Name, Func<StepResult, string?> Fault)
{
    public static Check Succeeds { get; } = new(
        new Phrase("the command succeeds", "命令成功"),
        result => result.ExitCode == 0 ? null : $"exit code {result.ExitCode}");

    public static Check Contains(Phrase name, string text) => new(
        name,
        result => result.Output.Contains(text, StringComparison.Ordinal) ? null : $"the output does not contain '{text}'");

    public static Check Lacks(Phrase name, string text) => new(
        name,
        result => result.Output.Contains(text, StringComparison.Ordinal) ? $"the output contains '{text}'" : null);

    /// <summary>The last access log line has these values; every other field has its form, or it would not have parsed.</summary>
    public static Check LogLine(Phrase name, params (string Field, string Value)[] expected) => new(
        name,
        result =>
        {
            if (result.LastLogLine is not { } line)
            {
                return "there is no access log line";
            }
            foreach (var (field, value) in expected)
            {
                if (line[field] != value)
                {
                    return $"{field} is '{line[field]}', not '{value}'";
                }
            }
            return null;
        });

    public static Check LogNumber(Phrase name, string field, int least, int most) => new(
        name,
        result => int.TryParse(result.LastLogLine?[field], out var value) && value >= least && value <= most
            ? null
            : $"{field} is '{result.LastLogLine?[field]}', not between {least} and {most}");
}
