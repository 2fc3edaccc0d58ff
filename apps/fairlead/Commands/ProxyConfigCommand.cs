using System.CommandLine;
using System.Text.Json.Nodes;
using Fairlead.App.CommandLine;
using Fairlead.App.Findings;
using Fairlead.App.Inspection;
using Fairlead.KubeClient;

namespace Fairlead.App.Commands;

/// <summary>
/// <c>fairlead proxy-config bootstrap|listeners|routes|clusters|endpoints|all POD[.NAMESPACE]</c>: what a sidecar has, asked of the sidecar itself, with
/// istioctl's columns.
/// </summary>
internal static class ProxyConfigCommand
{
    private static readonly Argument<string> Pod = new("POD[.NAMESPACE]") { Description = "The pod, for example sleep-7656cf8794-p86f2.default" };
    private static readonly Option<string> Namespace = new("--namespace", "-n") { Description = "Namespace of the pod", HelpName = "NS" };
    private static readonly Option<string> Kubeconfig = new("--kubeconfig", "-c") { Description = "Kubeconfig of the API server", HelpName = "FILE" };
    private static readonly Option<OutputFormat> Output = OutputOption.Create();

    public static Command Create()
    {
        var command = new Command("proxy-config", "Show what a sidecar has: listeners, routes, clusters, endpoints, bootstrap");
        command.Aliases.Add("pc");
        command.Subcommands.Add(Section("bootstrap", "Show what the sidecar was started with", "BootstrapConfigDump", null));
        command.Subcommands.Add(Section("listeners", "Show where the sidecar listens and where that leads", "ListenersConfigDump", SidecarTables.Listeners, "listener", "l"));
        command.Subcommands.Add(Section("routes", "Show the sidecar's routes", "RoutesConfigDump", SidecarTables.Routes, "route", "r"));
        command.Subcommands.Add(Section("clusters", "Show the sidecar's clusters", "ClustersConfigDump", SidecarTables.Clusters, "cluster", "c"));
        command.Subcommands.Add(Section("endpoints", "Show the endpoints of the sidecar's clusters", "EndpointsConfigDump", SidecarTables.Endpoints, "endpoint", "ep"));
        command.Subcommands.Add(Section("all", "Show all of it", "", null, "a"));
        return command;
    }

    private static Command Section(string name, string description, string type, Func<JsonObject, TextTable>? table, params string[] aliases)
    {
        var section = new Command(name, description) { Pod, Namespace, Kubeconfig, Output };
        foreach (var alias in aliases)
            section.Aliases.Add(alias);
        section.SetAction(async (arguments, cancel) =>
        {
            var dump = await ReadAsync(arguments, cancel);
            var format = arguments.GetValue(Output);
            if (format == OutputFormat.Table && table is not null)
                table(dump).Write(Console.Out);
            else if (format == OutputFormat.Table && type.Length == 0)
                WriteAll(dump);
            else
                StructuredOutput.Write(Console.Out, Shown(dump, type), format == OutputFormat.Table ? OutputFormat.Json : format);
        });
        return section;
    }

    /// <summary>As istioctl prints: the resources as a list, the bootstrap and everything as they are.</summary>
    private static JsonNode Shown(JsonObject dump, string type) => type switch
    {
        "" => dump,
        "BootstrapConfigDump" => SidecarDump.Section(dump, type) ?? throw new CommandException("the dump has no bootstrap"),
        _ => new JsonArray([.. SidecarDump.Resources(dump, type).Select(resource => resource.DeepClone())]),
    };

    private static void WriteAll(JsonObject dump)
    {
        foreach (var table in (TextTable[])[SidecarTables.Clusters(dump), SidecarTables.Listeners(dump), SidecarTables.Routes(dump), SidecarTables.Endpoints(dump)])
        {
            table.Write(Console.Out);
            Console.WriteLine();
        }
    }

    private static Task<JsonObject> ReadAsync(ParseResult arguments, CancellationToken cancel)
    {
        var name = arguments.GetValue(Pod)!;
        var kubeconfig = ClusterState.FindKubeconfig(arguments.GetValue(Kubeconfig));
        var ns = arguments.GetValue(Namespace);
        var dot = name.LastIndexOf('.');
        if (dot > 0)
            (name, ns) = (name[..dot], name[(dot + 1)..]);
        return SidecarDump.ReadAsync(name, ns ?? KubeConfig.Load(kubeconfig).Namespace, kubeconfig, cancel);
    }
}
