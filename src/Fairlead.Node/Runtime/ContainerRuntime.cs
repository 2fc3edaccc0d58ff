using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Runtime;

/// <summary>
/// Containers through runc, each under its own conmon, which holds its log, its terminal and its exit code and outlives this process.
/// </summary>
internal sealed class ContainerRuntime(NodePaths paths, TimeProvider time)
{
    /// <summary>Processes and threads in one container: a fork bomb ends here, a JVM does not.</summary>
    public const int ProcessLimit = 4096;

    /// <summary>runc creates a container in 50 ms on an idle machine; on one that starts fifty at once it takes seconds.</summary>
    private static readonly TimeSpan CreationLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    private string[] Root => ["--root", paths.RuntimeRoot];

    /// <summary>Creates and starts; answers the pid of its first process.</summary>
    /// <exception cref="ToolException">runc refused: its words say why (a command that is not in the image, for one).</exception>
    public async Task<int> StartAsync(ContainerPlan plan, CancellationToken cancel)
    {
        var root = Path.Combine(plan.Bundle, "rootfs");
        await DeleteAsync(plan.Id, plan.Bundle, cancel).ConfigureAwait(false);
        Directory.CreateDirectory(root);
        var upper = Path.Combine(plan.ScratchFolder, "upper");
        var work = Path.Combine(plan.ScratchFolder, "work");
        Directory.CreateDirectory(upper);
        Directory.CreateDirectory(work);
        Syscalls.Mount("overlay", "overlay", root, $"lowerdir={plan.LowerFolder},upperdir={upper},workdir={work}");
        JsonFile.Write(Path.Combine(plan.Bundle, "config.json"), OciConfiguration.Render(plan));
        Directory.CreateDirectory(Path.GetDirectoryName(plan.LogPath)!);
        var pid = await CreateAsync(plan, cancel).ConfigureAwait(false);
        var errors = Path.Combine(plan.Bundle, "start.log");
        var (code, _, said) = await Tool.TryRunAsync("runc", [.. Root, "--log", errors, "--log-format", "json", "start", plan.Id], cancel: cancel).ConfigureAwait(false);
        if (code != 0)
            throw new ToolException(RuncMessage(errors, said));
        return pid;
    }

    /// <summary>The exit code, null while it runs; conmon writes it when the container ends.</summary>
    public int? ExitCode(string id)
    {
        var path = Path.Combine(paths.Exits, id);
        if (!File.Exists(path))
            return null;
        return int.TryParse(File.ReadAllText(path), NumberStyles.Integer, CultureInfo.InvariantCulture, out var code) ? code : null;
    }

    /// <summary>When the container ended: the exit file's own time.</summary>
    public DateTimeOffset ExitTime(string id) => new(File.GetLastWriteTimeUtc(Path.Combine(paths.Exits, id)));

    /// <summary>Whether the container's first process still lives. A pid that was given to another program since is told apart by its cgroup.</summary>
    public static bool IsAlive(int pid, string cgroupEnd)
    {
        try
        {
            return pid > 0 && File.ReadAllText($"/proc/{pid}/cgroup").Contains(cgroupEnd, StringComparison.Ordinal)
                && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    public async Task SignalAsync(string id, string signal, bool all, CancellationToken cancel) =>
        await Tool.TryRunAsync("runc", all ? [.. Root, "kill", "--all", id, signal] : [.. Root, "kill", id, signal], cancel: cancel).ConfigureAwait(false);

    /// <summary>Removes what is left of a container, running or not: its processes, cgroups, mount and bundle. Nothing there is no fault.</summary>
    public async Task DeleteAsync(string id, string bundle, CancellationToken cancel)
    {
        if (Directory.Exists(Path.Combine(paths.RuntimeRoot, id)))
            await Tool.TryRunAsync("runc", [.. Root, "delete", "--force", id], cancel: cancel).ConfigureAwait(false);
        Syscalls.Unmount(Path.Combine(bundle, "rootfs"));
        File.Delete(Path.Combine(paths.Exits, id));
        File.Delete(Path.Combine(paths.Sockets, id));
        if (Directory.Exists(bundle))
            Directory.Delete(bundle, recursive: true);
    }

    /// <summary>A process in a running container, its streams as pipes. <paramref name="errorFile"/> receives runc's own complaints as JSON lines.</summary>
    public Process Exec(string id, IReadOnlyList<string> command, string errorFile) =>
        Tool.Start("runc", [.. Root, "--log", errorFile, "--log-format", "json", "exec", id, .. command]);

    /// <summary>As <see cref="Exec"/>, on a terminal: the slave end becomes the process's controlling terminal, so that a resize reaches it.</summary>
    public Process ExecOnTerminal(string id, IReadOnlyList<string> command, string slavePath, string errorFile) =>
        Tool.Start("sh",
        [
            "-c", "t=$1; shift; exec setsid --ctty \"$@\" <\"$t\" >\"$t\" 2>\"$t\"", "sh", slavePath,
            "runc", .. Root, "--log", errorFile, "--log-format", "json", "exec", "--tty", "--env", "TERM=xterm", id, .. command,
        ]);

    /// <summary>Runs to the end; what it printed comes back cut to <paramref name="outputLimit"/> characters.</summary>
    public async Task<(int Code, string Output)> ExecAsync(string id, IReadOnlyList<string> command, int outputLimit, CancellationToken cancel)
    {
        var (code, output, errors) = await Tool.TryRunAsync("runc", [.. Root, "exec", id, .. command], cancel: cancel).ConfigureAwait(false);
        var said = output + errors;
        return (code, said.Length > outputLimit ? said[..outputLimit] : said);
    }

    /// <summary>What runc wrote to its log file, as one sentence; the fallback when it wrote nothing.</summary>
    public static string RuncMessage(string errorFile, string fallback)
    {
        var messages = File.Exists(errorFile)
            ? File.ReadAllLines(errorFile).Select(Message).Where(message => message.Length > 0).ToList()
            : [];
        return messages.Count > 0 ? messages[^1] : fallback.Trim();
    }

    private static string Message(string line)
    {
        try
        {
            var entry = JsonNode.Parse(line);
            return entry.Text("level") is "error" or "fatal" ? entry.Text("msg") : "";
        }
        catch (System.Text.Json.JsonException)
        {
            return line;
        }
    }

    private async Task<int> CreateAsync(ContainerPlan plan, CancellationToken cancel)
    {
        var pidFile = Path.Combine(plan.Bundle, "pid");
        var monitorFile = Path.Combine(plan.Bundle, "conmon.pid");
        var errors = Path.Combine(plan.Bundle, "create.log");
        List<string> arguments =
        [
            "-c", plan.Id, "-u", plan.Id, "-n", plan.Id, "-r", "/usr/sbin/runc", "-b", plan.Bundle, "-p", pidFile, "-P", monitorFile, "-l", "k8s-file:" + plan.LogPath,
            "--exit-dir", paths.Exits, "--socket-dir-path", paths.Sockets, "--runtime-arg", "--root=" + paths.RuntimeRoot, "--runtime-arg", "--log=" + errors, "--runtime-arg", "--log-format=json",
        ];
        if (plan.Terminal)
            arguments.Add("-t");
        if (plan.Stdin)
            arguments.AddRange(plan.StdinOnce ? ["-i"] : ["-i", "--leave-stdin-open"]);
        // conmon goes into the background by itself; its streams must not be ours, or a reader of ours would wait for the container's end.
        await Tool.RunAsync("sh", ["-c", "conmon \"$@\" </dev/null >/dev/null 2>\"$0\"", Path.Combine(plan.Bundle, "conmon.log"), .. arguments], cancel: cancel).ConfigureAwait(false);
        var started = time.GetTimestamp();
        while (true)
        {
            if (ReadPid(pidFile) is { } pid)
                return pid;
            var monitorGone = ReadPid(monitorFile) is { } monitor && !Directory.Exists($"/proc/{monitor}");
            if (monitorGone || time.GetElapsedTime(started) > CreationLimit)
            {
                if (ReadPid(pidFile) is { } late)
                    return late;
                throw new ToolException(RuncMessage(errors, "runc created no container: " + ReadText(Path.Combine(plan.Bundle, "conmon.log"))));
            }
            await Task.Delay(PollInterval, time, cancel).ConfigureAwait(false);
        }
    }

    private static string ReadText(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : "";

    private static int? ReadPid(string path) =>
        int.TryParse(ReadText(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
}
