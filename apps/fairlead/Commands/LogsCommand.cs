using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Fairlead.App.CommandLine;
using Fairlead.App.Supervision;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead logs PART</c>: what a process of the mesh wrote. Pods' logs are kubectl's.</summary>
internal static class LogsCommand
{
    private static readonly string[] Parts = ["api-server", "control-plane", "node", "supervisor"];

    private static readonly Argument<string> Part = new("PART") { Description = "One of " + string.Join(", ", Parts), HelpName = "PART" };
    private static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Go on as the log grows" };
    private static readonly Option<int> Tail = new("--tail") { Description = "Lines to begin with, counted from the end; -1 shows all", HelpName = "N", DefaultValueFactory = _ => -1 };

    public static Command Create()
    {
        Part.AcceptOnlyFromAmong(Parts);
        var command = new Command("logs", "Print the log of a part of the mesh") { Part, Follow, Tail, StateOption.Instance };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancel)
    {
        var part = arguments.GetValue(Part)!;
        var log = new StatePaths(Path.GetFullPath(arguments.GetValue(StateOption.Instance)!)).Log(part);
        if (!File.Exists(log))
            throw new CommandException($"{part} has no log at {log}; is the mesh up? (`fairlead status`)");
        var lines = arguments.GetValue(Tail);
        // tail knows how to follow a file that is rotated.
        var start = new ProcessStartInfo("tail", ["-n", lines < 0 ? "+1" : lines.ToString(CultureInfo.InvariantCulture), .. arguments.GetValue(Follow) ? (string[])["-F"] : [], log]);
        using var tail = Process.Start(start) ?? throw new CommandException("cannot start tail");
        try
        {
            await tail.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            tail.Kill();
            return 0;
        }
        return tail.ExitCode;
    }
}
