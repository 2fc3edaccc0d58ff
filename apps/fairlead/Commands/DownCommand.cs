using System.CommandLine;
using System.Diagnostics;
using Fairlead.App.CommandLine;
using Fairlead.App.Supervision;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead down</c>: ends the mesh and everything that it made on this machine; safe to run twice, and after a crash.</summary>
internal static class DownCommand
{
    private static readonly Option<bool> Purge = new("--purge") { Description = "Also remove the state folder: objects, certificates, logs, imported images" };

    public static Command Create()
    {
        var command = new Command("down", "Take the mesh of this machine down") { Purge, StateOption.Instance };
        command.SetAction((arguments, _) => RunAsync(arguments));
        return command;
    }

    // Taking down is never left half done: Ctrl-C does not reach into it.
    private static async Task<int> RunAsync(ParseResult arguments)
    {
        if (Environment.UserName != "root")
            throw new CommandException("down removes network namespaces and containers: run it as root (sudo)");
        var state = new StatePaths(Path.GetFullPath(arguments.GetValue(StateOption.Instance)!));
        if (!Directory.Exists(state.Root))
        {
            Console.WriteLine($"There is no mesh in {state.Root}.");
            return 0;
        }
        var options = new MeshOptions(state, IsIsolated: false, WorldFile: null, Kubeconfig: null);
        foreach (var name in (string[])["supervisor", .. options.Parts.Reverse().Select(part => part.Name)])
        {
            if (ProcessMark.ReadLive(state.Pid(name)) is { } mark)
                await mark.StopAsync(name == "supervisor" ? Supervisor.StopGrace * 4 : Supervisor.StopGrace, TimeProvider.System);
            File.Delete(state.Pid(name));
        }
        new KubeconfigContext(state).Remove();
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("this process has no path");
        using (var teardown = Process.Start(new ProcessStartInfo(self, ["node", "--state", state.Root, "--teardown"])))
        {
            await teardown!.WaitForExitAsync();
            if (teardown.ExitCode != 0)
                throw new CommandException($"not everything could be removed (the messages are above); {state.Root} is kept, run down again");
        }
        if (arguments.GetValue(Purge))
            Directory.Delete(state.Root, recursive: true);
        Console.WriteLine(arguments.GetValue(Purge) ? $"The mesh is down, and {state.Root} is gone." : $"The mesh is down; its objects are kept in {state.Root} (--purge removes them).");
        return 0;
    }
}
