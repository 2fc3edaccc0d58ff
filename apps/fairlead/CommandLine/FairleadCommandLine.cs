using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;

namespace Fairlead.App.CommandLine;

/// <summary>Runs a command line as kubectl would: usage errors and failures are one line on standard error, exit code 1.</summary>
internal static class FairleadCommandLine
{
    /// <summary>Time that a verb has to clean up after Ctrl-C; pods' processes get ten seconds of it.</summary>
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        ShowHelpForGroups(root);
        // "help VERB" is "VERB --help", as kubectl has it.
        var result = root.Parse(args is ["help", .. var verb] ? [.. verb, "--help"] : args);
        if (result.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync(UsageError.Describe(result));
            return 1;
        }
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TerminationTimeout };
        try
        {
            return await result.InvokeAsync(configuration);
        }
        catch (OperationCanceledException)
        {
            // 128 + SIGINT, as a shell reports a command that was interrupted.
            return 130;
        }
        catch (Exception e) when (e is CommandException or IOException or UnauthorizedAccessException or HttpRequestException or SocketException or JsonException)
        {
            await Console.Error.WriteLineAsync($"error: {Sentence(e)}");
            return 1;
        }
        catch (Exception e) when (e is not (OutOfMemoryException or StackOverflowException))
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}\nThis is a fault of fairlead, not of its input; please report it with these lines:\n{e}");
            return 1;
        }
    }

    /// <summary>A word that only groups others prints its help, as kubectl's do, and does not fail.</summary>
    private static void ShowHelpForGroups(Command command)
    {
        if (command.Subcommands.Any(sub => !sub.Hidden) && command.Action is null)
        {
            command.SetAction(result => new System.CommandLine.Help.HelpAction().Invoke(result));
        }
        foreach (var sub in command.Subcommands)
        {
            ShowHelpForGroups(sub);
        }
    }

    private static string Sentence(Exception e) =>
        e.InnerException is null || e.Message.Contains(e.InnerException.Message, StringComparison.Ordinal) ? e.Message : $"{e.Message}: {e.InnerException.Message}";
}
