namespace Fairlead.App.Walkthrough;

/// <summary>What a step's commands did: the exit code of the last one, and standard output and error as a terminal would show them.</summary>
internal sealed record StepResult(int ExitCode, string Output, TimeSpan Elapsed)
{
    /// <summary>The last access log line in the output, or null where there is none.</summary>
    public AccessLogLine? LastLogLine => Output.Split('\n').Reverse().Select(AccessLogLine.TryParse).FirstOrDefault(line => line is not null);
}
