using System.Diagnostics;

namespace Fairlead.App.Walkthrough;

/// <summary>Brings a mesh up, replays the steps in it, and says what held and what did not.</summary>
internal sealed class WalkthroughRun(WalkthroughOptions options, TextWriter output, TimeProvider time)
{
    /// <summary>The longest step waits five seconds for httpbin; a minute more means that something hangs.</summary>
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(90);

    /// <summary>The node's DNS server, which answers for services and asks the world for the rest.</summary>
    private const string NodeResolver = "10.244.0.1";

    private readonly string _folder = Directory.CreateTempSubdirectory("fairlead-walkthrough-").FullName;
    private int _passed;
    private int _failed;

    private string State => Path.Combine(_folder, "state");

    private string Kubeconfig => Path.Combine(_folder, "kubectl.conf");

    /// <summary>Exit code: 0 when every check held.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        try
        {
            Say(new Phrase("Starting a mesh with a world of its own ...", "正在启动一个自带外部世界的网格……"));
            if (await RunFairleadAsync(["up", "--detach", "--state", State, "--kubeconfig", Kubeconfig, .. options.UsesInternet ? Array.Empty<string>() : ["--isolated", "--world"]], cancellation) != 0)
            {
                return Fail(new Phrase("the mesh did not come up (its messages are above)", "网格没有启动（见上面的信息）"));
            }
            Say(new Phrase($"up after {time.GetElapsedTime(started).TotalSeconds:F1} s", $"已启动，用时 {time.GetElapsedTime(started).TotalSeconds:F1} 秒"));
            await using (var shell = await StartShellAsync())
            {
                await ReplayAsync(shell, cancellation);
            }
            Summarize(time.GetElapsedTime(started));
            if (options.IsKept)
            {
                await ShowShellAsync(cancellation);
            }
            return _failed == 0 ? 0 : 1;
        }
        finally
        {
            await RunFairleadAsync(["down", "--purge", "--state", State], CancellationToken.None);
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task ReplayAsync(MeshShell shell, CancellationToken cancellation)
    {
        var steps = WalkthroughSteps.All;
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            output.WriteLine();
            output.WriteLine(Bold($"[{i + 1}/{steps.Count}] {step.Title.In(options.Language)}"));
            foreach (var line in step.Commands.Split('\n'))
            {
                output.WriteLine(Colored("36", (line == step.Commands.Split('\n')[0] ? "$ " : "  ") + line));
            }
            if (options.IsStepwise)
            {
                await Console.In.ReadLineAsync(cancellation);
            }
            var result = await shell.RunAsync(step.Commands, output.Write, StepTimeout, cancellation);
            output.WriteLine();
            output.WriteLine(Colored("33", $"→ {step.Look.In(options.Language)}"));
            foreach (var check in step.Checks)
            {
                Judge(check, result);
            }
        }
    }

    private void Judge(Check check, StepResult result)
    {
        var name = check.Name.In(options.Language);
        if (check.Fault(result) is { } fault)
        {
            _failed++;
            output.WriteLine(Colored("31", $"✗ {name}: {fault}"));
        }
        else
        {
            _passed++;
            output.WriteLine(Colored("32", $"✓ {name}"));
        }
    }

    private void Summarize(TimeSpan elapsed)
    {
        output.WriteLine();
        var seconds = elapsed.TotalSeconds;
        var summary = new Phrase($"{_passed} checks passed, {_failed} failed, {seconds:F0} s", $"{_passed} 项检查通过，{_failed} 项失败，用时 {seconds:F0} 秒");
        output.WriteLine(Bold(Colored(_failed == 0 ? "32" : "31", summary.In(options.Language))));
    }

    private Task<MeshShell> StartShellAsync() => MeshShell.StartAsync(ShellCommand(), AppContext.BaseDirectory, ShellEnvironment(), _folder, time);

    private IReadOnlyList<string> ShellCommand() =>
        options.UsesInternet ? ["bash", "--norc", "--noprofile", "-s"] : Sandbox.ShellCommand(NodeResolver, _folder);

    private Dictionary<string, string> ShellEnvironment() => new()
    {
        ["KUBECONFIG"] = Kubeconfig,
        ["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:{AppContext.BaseDirectory.TrimEnd('/')}",
    };

    private async Task ShowShellAsync(CancellationToken cancellation)
    {
        Say(new Phrase("The mesh is yours: kubectl works in this shell; 'exit' takes the mesh down.", "网格归你使用：这个 shell 里可以直接用 kubectl；输入 exit 会拆除网格。"));
        var command = ShellCommand();
        // Without -s the shell is the terminal's.
        var start = new ProcessStartInfo(command[0], command.Skip(1).Select(part => part.Replace(" -s", " -i", StringComparison.Ordinal).Replace("-s", "-i", StringComparison.Ordinal)))
        {
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var (name, value) in ShellEnvironment())
        {
            start.Environment[name] = value;
        }
        using var shell = Process.Start(start) ?? throw new IOException("the shell did not start");
        await shell.WaitForExitAsync(cancellation);
    }

    private static async Task<int> RunFairleadAsync(string[] arguments, CancellationToken cancellation)
    {
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("this process has no path");
        using var process = Process.Start(new ProcessStartInfo(self, arguments)) ?? throw new IOException($"{self} did not start");
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode;
    }

    private int Fail(Phrase phrase)
    {
        output.WriteLine(Colored("31", phrase.In(options.Language)));
        return 1;
    }

    private void Say(Phrase phrase) => output.WriteLine(phrase.In(options.Language));

    private static string Bold(string text) => Colored("1", text);

    // A file or a pipe gets plain text (https://no-color.org for terminals that want it too).
    private static string Colored(string code, string text) =>
        Console.IsOutputRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? text : $"\e[{code}m{text}\e[0m";
}
