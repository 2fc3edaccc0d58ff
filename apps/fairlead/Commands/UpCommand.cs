using System.CommandLine;
using System.Diagnostics;
using Fairlead.App.CommandLine;
using Fairlead.App.Supervision;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead up</c>: a mesh on this machine, from nothing to a kubectl that works.</summary>
internal static class UpCommand
{
    private static readonly Option<bool> Detach = new("--detach", "-d") { Description = "Return when the mesh is ready, and leave it running" };
    private static readonly Option<bool> Isolated = new("--isolated") { Description = "No way out of the mesh's own network: pods reach one another and the world, nothing else" };

    private static readonly Option<string?> World = new("--world")
    {
        Description = "Play the internet from FILE (samples/external/world.yaml unless given): names, servers, pages",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Kubeconfig = new("--kubeconfig") { Description = "Kubeconfig file that gets the context 'fairlead' (default: kubectl's)", HelpName = "FILE" };
    private static readonly Option<bool> Supervise = new("--supervise") { Hidden = true };

    public static Command Create()
    {
        var command = new Command("up", "Start a mesh on this machine") { Detach, Isolated, World, StateOption.Instance, Kubeconfig, Supervise };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancel)
    {
        if (Environment.UserName != "root")
            throw new CommandException("up makes network namespaces and containers: run it as root (sudo)");
        var options = Read(arguments);
        if (arguments.GetValue(Supervise))
        {
            await new Supervisor(options, TimeProvider.System).RunAsync(cancel);
            return 0;
        }
        if (ProcessMark.ReadLive(options.State.Pid("supervisor")) is { } running)
        {
            if (running.Program == Environment.ProcessPath)
            {
                Console.WriteLine($"The mesh of {options.State.Root} is up already (process {running.Pid}); `fairlead status` tells about it, `fairlead down` takes it down.");
                return 0;
            }
            // The supervisor stops its parts; pods are nobody's children and go on, sidecars keep their configuration and reconnect.
            Console.WriteLine($"The mesh of {options.State.Root} is run by another build ({running.Program}): its processes make way for this one's, its pods go on.");
            await running.StopAsync(Supervisor.StopGrace * 4, TimeProvider.System);
        }
        var supervising = arguments.GetValue(Detach) ? StartInBackground(options) : new Supervisor(options, TimeProvider.System).RunAsync(cancel);
        try
        {
            var ready = new MeshReadiness(options.State, TimeProvider.System).WaitAsync(Console.WriteLine, cancel);
            if (await Task.WhenAny(ready, supervising) == supervising && !ready.IsCompleted && !cancel.IsCancellationRequested)
                throw new CommandException($"the supervisor ended; its log is {options.State.Log("supervisor")}");
            await ready;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await (arguments.GetValue(Detach) ? Task.CompletedTask : supervising);
            return 130;
        }
        var file = KubeconfigContext.FileFor(options.Kubeconfig);
        new KubeconfigContext(options.State).Merge(file);
        SayHowToGoOn(options, file);
        foreach (var warning in await new MeshReadiness(options.State, TimeProvider.System).WarningsAsync(cancel))
            Console.Error.WriteLine($"Warning: {warning}");
        if (!arguments.GetValue(Detach))
            await supervising;
        return 0;
    }

    private static MeshOptions Read(ParseResult arguments)
    {
        string? world = null;
        if (arguments.GetResult(World) is { Implicit: false })
        {
            world = Path.GetFullPath(arguments.GetValue(World) ?? Path.Combine(AppContext.BaseDirectory, "samples", "external", "world.yaml"));
            if (!File.Exists(world))
                throw new CommandException($"--world: there is no file {world}");
        }
        return new MeshOptions(new StatePaths(Path.GetFullPath(arguments.GetValue(StateOption.Instance)!)), arguments.GetValue(Isolated), world, arguments.GetValue(Kubeconfig));
    }

    /// <summary>Supervises in a session of its own, so that a closed terminal ends nothing; the task ends when the supervisor does.</summary>
    private static Task StartInBackground(MeshOptions options)
    {
        Directory.CreateDirectory(options.State.Logs);
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("this process has no path");
        var start = new ProcessStartInfo("setsid",
            ["/bin/sh", "-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", options.State.Log("supervisor"), self, "up", "--supervise", .. options.Arguments]);
        var process = Process.Start(start) ?? throw new InvalidOperationException("setsid did not start");
        return process.WaitForExitAsync();
    }

    private static void SayHowToGoOn(MeshOptions options, string kubeconfig)
    {
        Console.WriteLine($"""

            The mesh is up. kubectl's current context is 'fairlead' now ({kubeconfig}). Try:
              kubectl apply -f {Path.Combine(AppContext.BaseDirectory, "samples", "sleep", "sleep.yaml")}
              kubectl get pods -A
              fairlead status{(options.State.Root == StatePaths.DefaultRoot ? "" : $" --state {options.State.Root}")}
            """);
    }
}
