using System.Diagnostics;

namespace Fairlead.App.Supervision;

/// <summary>
/// Keeps the mesh's processes running: starts them in order, starts one again when it ends, and stops them all, last first, when
/// asked. Pods are nobody's children here and outlive all of it.
/// </summary>
internal sealed class Supervisor(MeshOptions options, TimeProvider time)
{
    /// <summary>A part that ends at once is started again after this long, doubled each time up to <see cref="RestartDelayMax"/>.</summary>
    private static readonly TimeSpan RestartDelayMin = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan RestartDelayMax = TimeSpan.FromSeconds(10);

    /// <summary>A part that ran this long had started well: its next restart is immediate again.</summary>
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromSeconds(30);

    /// <summary>A log larger than this at a part's start is kept as <c>.1</c> and begun anew, so that two of them are all there is.</summary>
    private const long LogBytesMax = 32 << 20;

    public static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    /// <summary>Runs until cancelled; then every part is stopped.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(options.State.Logs);
        ProcessMark.Of(Environment.ProcessId)!.Write(options.State.Pid("supervisor"));
        var keepers = new List<(MeshPart Part, CancellationTokenSource Stop, Task Task)>();
        try
        {
            foreach (var part in options.Parts)
            {
                var stop = new CancellationTokenSource();
                keepers.Add((part, stop, KeepAsync(part, stop.Token)));
                await WaitForPrerequisiteAsync(part, cancel);
            }
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancel).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        finally
        {
            foreach (var (_, stop, task) in Enumerable.Reverse(keepers))
            {
                await stop.CancelAsync();
                await task;
                stop.Dispose();
            }
            File.Delete(options.State.Pid("supervisor"));
        }
    }

    /// <summary>What the next part reads at its start and cannot wait for itself: the API server writes the others' kubeconfigs.</summary>
    private async Task WaitForPrerequisiteAsync(MeshPart part, CancellationToken cancel)
    {
        while (part.Name == "api-server" && !File.Exists(options.State.ControlPlaneKubeconfig) && !cancel.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, CancellationToken.None);
    }

    private async Task KeepAsync(MeshPart part, CancellationToken stop)
    {
        var delay = RestartDelayMin;
        while (!stop.IsCancellationRequested)
        {
            // A part that a killed supervisor left running is stopped, so that there is one of each.
            if (ProcessMark.ReadLive(options.State.Pid(part.Name)) is { } left)
                await left.StopAsync(StopGrace, time);
            var started = time.GetTimestamp();
            using var process = Start(part);
            var mark = ProcessMark.Of(process.Id);
            mark?.Write(options.State.Pid(part.Name));
            try
            {
                await process.WaitForExitAsync(stop);
            }
            catch (OperationCanceledException)
            {
                if (mark is not null)
                    await mark.StopAsync(StopGrace, time);
                File.Delete(options.State.Pid(part.Name));
                return;
            }
            delay = time.GetElapsedTime(started) >= SteadyAfter ? RestartDelayMin : delay;
            await Console.Error.WriteLineAsync($"{part.Name} ended with exit code {process.ExitCode}; starting it again in {delay.TotalSeconds:0.#} s (its log: {options.State.Log(part.Name)})");
            await Task.WhenAny(Task.Delay(delay, time, stop));
            delay = delay * 2 > RestartDelayMax ? RestartDelayMax : delay * 2;
        }
    }

    private Process Start(MeshPart part)
    {
        var log = options.State.Log(part.Name);
        if (File.Exists(log) && new FileInfo(log).Length > LogBytesMax)
            File.Move(log, log + ".1", overwrite: true);
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("this process has no path");
        // The shell only opens the log and becomes the part: the part's output never passes through this process, which may end.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log, self, .. part.Arguments]);
        return Process.Start(start) ?? throw new InvalidOperationException("/bin/sh did not start");
    }
}
