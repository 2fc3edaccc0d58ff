using System.CommandLine;
using System.CommandLine.Parsing;

namespace Fairlead.App.CommandLine;

/// <summary>A wrong command line, answered in kubectl's words and with its exit code 1.</summary>
internal static class UsageError
{
    private const int SuggestionDistanceMax = 2;

    /// <summary>What to print on standard error for a command line that did not parse.</summary>
    public static string Describe(ParseResult result)
    {
        var path = PathOf(result.CommandResult);
        var command = result.CommandResult.Command;
        var unmatched = result.UnmatchedTokens.Count > 0 ? result.UnmatchedTokens[0] : null;
        var usage = $"See '{path} --help' for usage.";
        return unmatched switch
        {
            ['-', '-', ..] => $"error: unknown flag: {unmatched.Split('=')[0]}\n{usage}",
            ['-', var letter, ..] => $"error: unknown shorthand flag: '{letter}' in {unmatched}\n{usage}",
            not null when command.Subcommands.Any(sub => !sub.Hidden) => UnknownCommand(unmatched, path, command),
            not null => $"error: unexpected argument \"{unmatched}\"\n{usage}",
            _ => $"error: {Lowered(result.Errors[0].Message)}\n{usage}",
        };
    }

    private static string UnknownCommand(string word, string path, Command command)
    {
        var similar = command.Subcommands
            .Where(sub => !sub.Hidden)
            .Select(sub => sub.Name)
            .Where(name => Distance(word, name) <= SuggestionDistanceMax || name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .ToList();
        var suggestion = similar.Count == 0 ? "" : "\n\nDid you mean this?\n" + string.Join('\n', similar.Select(name => "\t" + name));
        return $"error: unknown command \"{word}\" for \"{path}\"{suggestion}\nRun '{path} --help' for usage.";
    }

    private static string PathOf(CommandResult? command)
    {
        var names = new List<string>();
        for (var current = command; current is not null; current = current.Parent as CommandResult)
        {
            names.Insert(0, current.Command is RootCommand ? "fairlead" : current.Command.Name);
        }
        return string.Join(' ', names);
    }

    private static string Lowered(string message) => char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');

    /// <summary>Levenshtein's distance: letters to insert, delete or change.</summary>
    private static int Distance(string from, string to)
    {
        var previous = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var current = new int[to.Length + 1];
            current[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var change = char.ToLowerInvariant(from[i - 1]) == char.ToLowerInvariant(to[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1] + 1, previous[j] + 1), previous[j - 1] + change);
            }
            previous = current;
        }
        return previous[to.Length];
    }
}
