using System.CommandLine;
using System.Text.Json.Nodes;
using Fairlead.App.CommandLine;
using Fairlead.App.Findings;
using Fairlead.App.Inspection;
using Fairlead.Config.Analysis;
using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;
using Fairlead.Config.Validation;

namespace Fairlead.App.Commands;

/// <summary>
/// <c>fairlead analyze</c>: judges files, a live API server, or both together. Exit codes are istioctl's: 0 nothing at or above
/// the threshold, 79 findings there, 65 a file that cannot be read, 1 anything else.
/// </summary>
internal static class AnalyzeCommand
{
    private const int FoundIssues = 79;
    private const int UnreadableInput = 65;
    private const string RootNamespace = "istio-system";

    private static readonly Argument<string[]> Paths = new("FILE") { Arity = ArgumentArity.ZeroOrMore, Description = "Files or folders, as -f" };
    private static readonly Option<string[]> Files = new("--filename", "-f") { Description = "File, folder or - for standard input; may be given several times", HelpName = "FILE|DIR", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<bool> AllNamespaces = new("--all-namespaces", "-A") { Description = "Report findings of every namespace" };
    private static readonly Option<string> Namespace = new("--namespace", "-n") { Description = "Report findings of this namespace; also the namespace of file objects that name none", HelpName = "NS" };
    private static readonly Option<string> Format = new("--output", "-o") { Description = "Output format: table (or log), json, yaml or sarif", HelpName = "table|json|yaml|sarif", DefaultValueFactory = _ => "table" };
    private static readonly Option<Severity> Threshold = new("--failure-threshold") { Description = "Least severity that makes the command fail", HelpName = "Info|Warning|Error", DefaultValueFactory = _ => Severity.Error };
    private static readonly Option<Severity> OutputThreshold = new("--output-threshold") { Description = "Least severity that is printed", HelpName = "Info|Warning|Error", DefaultValueFactory = _ => Severity.Info };
    private static readonly Option<bool?> UseKube = new("--use-kube", "-k") { Description = "Whether a live API server is analyzed too; without files it always is" };
    private static readonly Option<string> Kubeconfig = new("--kubeconfig", "-c") { Description = "Kubeconfig of the live API server", HelpName = "FILE" };
    private static readonly Option<string> MeshFile = new("--meshConfigFile", "--mesh-config") { Description = "The mesh's settings, as in the ConfigMap istio", HelpName = "FILE" };
    private static readonly Option<string> Unknown = new("--unknown-destinations") { Description = "JSON list of {host, workload, count}: destinations that sidecars saw and no service claims", HelpName = "FILE" };
    private static readonly Option<string[]> Suppress = new("--suppress", "-S") { Description = "CODE=Kind name[.namespace]; * stands for any characters", HelpName = "CODE=RESOURCE" };
    private static readonly Option<bool> NoColour = new("--no-color") { Description = "No colours, also on a terminal" };

    public static Command Create()
    {
        var command = new Command("analyze", "Find mistakes in the mesh's configuration, across resources, and say what to write instead")
        {
            Paths, Files, AllNamespaces, Namespace, Format, Threshold, OutputThreshold, UseKube, Kubeconfig, MeshFile, Unknown, Suppress, NoColour,
            ControlPlanePages.Address, ControlPlanePages.TokenFile,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancel)
    {
        var format = arguments.GetValue(Format)!;
        if (format is not ("table" or "log" or "json" or "yaml" or "sarif"))
            throw new CommandException($"unable to match a printer suitable for the output format \"{format}\", allowed formats are: json,log,sarif,table,yaml");
        var files = (arguments.GetValue(Files) ?? []).Concat(arguments.GetValue(Paths) ?? []).ToArray();
        var documents = ConfigFiles.Read(files);
        var live = files.Length == 0 || arguments.GetValue(UseKube) == true
            ? await ClusterState.ReadAsync(ClusterState.FindKubeconfig(arguments.GetValue(Kubeconfig)), RootNamespace, cancel)
            : null;
        var home = arguments.GetValue(Namespace) ?? live?.Namespace ?? "default";
        var input = Input(arguments, documents, live, home) with { Unknown = await ObservedAsync(arguments, live is not null, cancel) };
        var suppressions = (arguments.GetValue(Suppress) ?? []).Select(Suppression.Parse).ToArray();
        var everywhere = arguments.GetValue(AllNamespaces) || (files.Length > 0 && live is null && arguments.GetValue(Namespace) is null);
        var findings = documents.SelectMany(document => Unreadable(document))
            .Concat(Analyzer.Analyze(input))
            .Where(finding => everywhere || finding.Namespace.Length == 0 || finding.Namespace == home)
            .Where(finding => !suppressions.Any(suppression => suppression.Covers(finding)))
            .ToArray();
        Print(arguments, format, findings, everywhere ? "all namespaces" : $"namespace: {home}");
        if (documents.Any(document => document.Object is null))
            return UnreadableInput;
        return findings.Any(finding => finding.Severity >= arguments.GetValue(Threshold)) ? FoundIssues : 0;
    }

    private static AnalysisInput Input(ParseResult arguments, IReadOnlyList<SourceDocument> documents, ClusterState? live, string home)
    {
        var sources = new Dictionary<KubeObject, SourceDocument>(ReferenceEqualityComparer.Instance);
        var objects = new Dictionary<(string, string, string, string), KubeObject>();
        foreach (var target in live?.Objects ?? [])
            objects[Key(target)] = target;
        foreach (var document in documents)
        {
            if (document.Object is not { } target)
                continue;
            if (KindTable.Find(target) is { Namespaced: true } && target.Namespace.Length == 0)
                target.Metadata["namespace"] = home;
            // A file replaces the live object of its name, as applying it would; the last of two files wins.
            objects[Key(target)] = target;
            sources[target] = document;
        }
        var all = objects.Values.ToArray();
        return new AnalysisInput(all) { Mesh = Mesh(arguments, all), Sources = sources };
    }

    private static (string, string, string, string) Key(KubeObject target) => (target.Group, target.Kind, target.Namespace, target.Name);

    private static MeshConfig Mesh(ParseResult arguments, IEnumerable<KubeObject> objects)
    {
        var text = arguments.GetValue(MeshFile) is { Length: > 0 } file ? File.ReadAllText(file)
            : objects.Where(target => target is { Kind: "ConfigMap", Name: MeshConfig.ConfigMapName, Namespace: RootNamespace })
                .Select(target => ConfigMap.Read(target).Data.GetValueOrDefault(MeshConfig.ConfigMapKey, "")).FirstOrDefault() ?? "";
        var mesh = MeshConfig.Parse(text, out var fault);
        return fault is null ? mesh : throw new CommandException($"the mesh's settings cannot be read: {fault}");
    }

    /// <summary>From the file given, or from the live mesh's control plane; without either, what is called is not known, which is said.</summary>
    private static async Task<IReadOnlyList<ObservedDestination>> ObservedAsync(ParseResult arguments, bool isLive, CancellationToken cancel)
    {
        if (arguments.GetValue(Unknown) is { Length: > 0 } file)
            return Observed(JsonNode.Parse(await File.ReadAllTextAsync(file, cancel)) ?? new JsonObject(), file);
        if (!isLive)
            return [];
        try
        {
            return Observed(await ControlPlanePages.ReadAsync(arguments, "unknown_destinations", cancel), "the control plane's page");
        }
        catch (CommandException unreachable)
        {
            await Console.Error.WriteLineAsync($"note: traffic is not considered: {unreachable.Message}");
            return [];
        }
    }

    private static IReadOnlyList<ObservedDestination> Observed(JsonNode node, string source)
    {
        if (node is not JsonArray list)
            throw new CommandException($"{source} must hold a JSON list of {{host, workload, count}}");
        return [.. list.OfType<JsonObject>().Where(item => item.Text("host").Length > 0)
            .Select(item => new ObservedDestination(item.Text("host"), item.Text("workload"), item.Integer("count")))];
    }

    // What the schema refuses is said beside what the analysis finds: an analysis of a misread object would mislead.
    private static IEnumerable<Finding> Unreadable(SourceDocument document)
    {
        var own = document.Object is { } target && KindTable.Find(target) is not null ? Validator.Validate(target) : [];
        return DocumentValidator.Check(document)
            .Where(finding => !own.Any(other => other.Path == finding.Path && other.Message == finding.Message))
            .Where(finding => !finding.Message.StartsWith("no matches for kind", StringComparison.Ordinal));
    }

    private static void Print(ParseResult arguments, string format, Finding[] findings, string scope)
    {
        var shown = findings.Where(finding => finding.Severity >= arguments.GetValue(OutputThreshold)).ToArray();
        switch (format)
        {
            case "json":
                FindingPrinter.WriteStructured(Console.Out, shown, OutputFormat.Json);
                return;
            case "yaml":
                FindingPrinter.WriteStructured(Console.Out, shown, OutputFormat.Yaml);
                return;
            case "sarif":
                FindingPrinter.WriteSarif(Console.Out, shown);
                return;
        }
        var colours = !Console.IsOutputRedirected && !arguments.GetValue(NoColour) && Environment.GetEnvironmentVariable("NO_COLOR") is not { Length: > 0 };
        if (shown.Length == 0)
            Console.WriteLine($"No validation issues found when analyzing {scope}.");
        FindingPrinter.WriteLines(Console.Out, shown, colours);
        if (findings.Any(finding => finding.Severity >= arguments.GetValue(Threshold)))
            Console.Error.WriteLine($"Error: Analyzers found issues when analyzing {scope}.");
    }
}
