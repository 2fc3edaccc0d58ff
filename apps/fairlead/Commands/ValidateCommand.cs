using System.CommandLine;
using Fairlead.App.CommandLine;
using Fairlead.App.Findings;
using Fairlead.Config.Reading;
using Fairlead.Config.Validation;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead validate</c>: exit code 0 only if every document would be accepted; asks no server.</summary>
internal static class ValidateCommand
{
    private static readonly Argument<string[]> Paths = new("FILE") { Arity = ArgumentArity.ZeroOrMore, Description = "Files or folders, as -f" };
    private static readonly Option<string[]> Files = new("--filename", "-f") { Description = "File, folder or - for standard input; may be given several times", HelpName = "FILE|DIR|-", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<OutputFormat> Output = OutputOption.Create();

    public static Command Create()
    {
        var command = new Command("validate", "Say whether manifests would be accepted, and what to write instead where not") { Paths, Files, Output };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var files = (arguments.GetValue(Files) ?? []).Concat(arguments.GetValue(Paths) ?? []).ToArray();
        if (files.Length == 0)
            throw new CommandException("no files given; name them with -f");
        var documents = ConfigFiles.Read(files);
        if (documents.Count == 0)
            throw new CommandException($"no documents in {string.Join(", ", files)}");
        var findings = documents.SelectMany(document => DocumentValidator.Check(document)).ToArray();
        var refused = findings.Any(finding => finding.Severity == Severity.Error);
        if (arguments.GetValue(Output) == OutputFormat.Table)
            Print(documents, findings);
        else
            FindingPrinter.WriteStructured(Console.Out, findings, arguments.GetValue(Output));
        return refused ? 1 : 0;
    }

    private static void Print(IReadOnlyList<SourceDocument> documents, Finding[] findings)
    {
        FindingPrinter.WriteLines(Console.Error, findings, colours: !Console.IsErrorRedirected);
        foreach (var file in documents.GroupBy(document => document.Start.Path))
        {
            var refused = findings.Any(finding => finding.Severity == Severity.Error && finding.Position?.Path == file.Key);
            if (!refused)
                Console.WriteLine($"\"{(file.Key.Length == 0 ? "-" : file.Key)}\" is valid");
        }
    }
}
