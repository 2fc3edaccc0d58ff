using System.CommandLine;
using Fairlead.App.CommandLine;
using Fairlead.Node;
using Fairlead.Node.Machine;
using Fairlead.Node.World;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead node</c>: runs the pods of this machine; <c>up</c> starts and restarts it.</summary>
internal static class NodeCommand
{
    private static readonly Option<string> Kubeconfig = new("--kubeconfig") { Description = "How to reach the API server", HelpName = "FILE", DefaultValueFactory = _ => "" };
    private static readonly Option<bool> Isolated = new("--isolated") { Description = "No way out of the mesh's own network" };
    private static readonly Option<string> World = new("--world") { Description = "Play the internet as FILE describes it", HelpName = "FILE", DefaultValueFactory = _ => "" };
    private static readonly Option<string> Proxy = new("--proxy") { Description = "Folder of the published sidecar (default: beside this executable)", HelpName = "DIR", DefaultValueFactory = _ => "" };
    private static readonly Option<bool> Teardown = new("--teardown") { Description = "Remove everything that a node made on this machine, and end" };

    public static Command Create()
    {
        var command = new Command("node", "Run pods on this machine") { StateOption.Instance, Kubeconfig, Isolated, World, Proxy, Teardown };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancel)
    {
        var state = Path.GetFullPath(arguments.GetValue(StateOption.Instance)!);
        try
        {
            if (arguments.GetValue(Teardown))
            {
                await new NodeTeardown(state, TimeProvider.System).RunAsync(CancellationToken.None);
                return 0;
            }
            var kubeconfig = arguments.GetValue(Kubeconfig)!;
            var options = new NodeOptions
            {
                StateDirectory = state,
                Kubeconfig = kubeconfig.Length > 0 ? kubeconfig : Path.Combine(state, "kubeconfig", "node.conf"),
                Isolated = arguments.GetValue(Isolated),
                WorldFile = arguments.GetValue(World)!,
                ProxyFolder = arguments.GetValue(Proxy) is { Length: > 0 } folder ? Path.GetFullPath(folder) : PublishedProxy(),
            };
            await new NodeService(options, TimeProvider.System, new Random(), line => Console.WriteLine($"{TimeProvider.System.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {line}")).RunAsync(cancel);
            return 0;
        }
        catch (Exception failed) when (failed is ToolException or WorldException)
        {
            throw new CommandException(failed.Message, failed);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to end: the pods go on without it.
            return 0;
        }
    }

    /// <summary>The launcher publishes both executables side by side: <c>out/app/fairlead-…/</c> and, by link, <c>out/fairlead-proxy</c>.</summary>
    private static string PublishedProxy()
    {
        var own = AppContext.BaseDirectory;
        foreach (var candidate in new[] { Path.Combine(own, "fairlead-proxy"), Path.Combine(own, "..", "..", "fairlead-proxy"), Path.Combine(own, "..", "fairlead-proxy", "fairlead-proxy") })
        {
            if (File.Exists(candidate) && new FileInfo(candidate).ResolveLinkTarget(returnFinalTarget: true) is var target)
                return Path.GetDirectoryName(target?.FullName ?? Path.GetFullPath(candidate))!;
        }
        return own;
    }
}
