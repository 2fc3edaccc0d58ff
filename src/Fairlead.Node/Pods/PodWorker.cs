using System.Text.Json.Nodes;
using System.Threading.Channels;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;
using Fairlead.Node.Machine;
using Fairlead.Node.Runtime;

namespace Fairlead.Node.Pods;

/// <summary>
/// Brings one pod to what its object says and keeps it there: one task, one step at a time, woken by changes of the object, exits, probes and its own deadlines.
/// </summary>
internal sealed class PodWorker : IDisposable
{
    /// <summary>Signals that wait for the worker: changes replace each other, a pod has few containers.</summary>
    private const int SignalLimit = 256;

    /// <summary>The longest sleep: volumes are refreshed and logs rotated this often.</summary>
    private static readonly TimeSpan Upkeep = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(10);

    private readonly PodServices services;
    private readonly PodVolumes volumes;
    private readonly PodSetup setup;
    private readonly ContainerStarts starts;
    private readonly PodProbes probes;
    private readonly PodFolders folders;
    private readonly PodRecord record;
    private readonly Channel<PodSignal> signals = Channel.CreateBounded<PodSignal>(new BoundedChannelOptions(SignalLimit) { SingleReader = true });
    private readonly CancellationTokenSource stopping = new();
    private PodDefinition pod;
    private JsonObject? published;
    private bool isPrepared;
    private bool isGone;
    private TimeSpan retry = FirstRetry;

    public PodWorker(PodServices services, KubeObject target)
    {
        this.services = services;
        pod = new PodDefinition(target);
        folders = new PodFolders(services.Paths, pod);
        record = PodRecord.Open(folders.Folder, target, services.Time.GetUtcNow());
        volumes = new PodVolumes(services.Connection, services.Time);
        setup = new PodSetup(services, folders);
        probes = new PodProbes(services, signals.Writer);
        starts = new ContainerStarts(services, folders, record);
        published = target.Status?.DeepClone() as JsonObject;
    }

    public string Uid => pod.Uid;
    public PodDefinition Pod => pod;
    public PodRecord Record => record;
    public PodFolders Folders => folders;

    /// <summary>Hands the worker something to react to; a pod that is asked to end stops waiting for hooks of its start.</summary>
    public ValueTask SignalAsync(PodSignal signal, CancellationToken cancel)
    {
        if (signal.IsGone || signal.Desired?.IsBeingDeleted == true)
            stopping.Cancel();
        return signals.Writer.WriteAsync(signal, cancel);
    }

    /// <summary>Runs until the pod is gone from this machine.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var wake = Upkeep;
            try
            {
                if (isGone || pod.Object.IsBeingDeleted)
                {
                    await EndAsync(cancel).ConfigureAwait(false);
                    return;
                }
                wake = await StepAsync(cancel).ConfigureAwait(false);
                retry = FirstRetry;
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // The pod was asked to end in the middle of a step.
                wake = TimeSpan.Zero;
            }
            catch (Exception failed) when (IsRetryable(failed))
            {
                NoteFailure(failed);
                wake = retry;
                retry = retry * 2 < LastRetry ? retry * 2 : LastRetry;
            }
            await PublishAsync(cancel).ConfigureAwait(false);
            await WaitAsync(wake, cancel).ConfigureAwait(false);
        }
    }

    private static bool IsRetryable(Exception failed) =>
        failed is VolumeException or ToolException or IOException or KubeStatusException or HttpRequestException or InvalidOperationException or UnauthorizedAccessException;

    /// <summary>One pass over the pod; answers how long nothing needs doing.</summary>
    private async Task<TimeSpan> StepAsync(CancellationToken cancel)
    {
        var refusals = PodRefusals.Find(pod);
        if (refusals.Count > 0)
        {
            foreach (var container in pod.AllContainers)
                (record[container.Name].Reason, record[container.Name].Message) = ("CreateContainerConfigError", string.Join("; ", refusals));
            foreach (var refusal in refusals)
                services.Events.Warning(pod, "Failed", refusal);
            return Upkeep;
        }
        if (!isPrepared)
        {
            await setup.PrepareAsync(pod, record, cancel).ConfigureAwait(false);
            isPrepared = true;
        }
        await volumes.FillAsync(pod, folders, record.Address!.ToString(), cancel).ConfigureAwait(false);
        await NoteExitsAsync(cancel).ConfigureAwait(false);
        var wake = Upkeep;
        foreach (var container in pod.InitContainers)
        {
            wake = Shorter(wake, await BringUpAsync(container, cancel).ConfigureAwait(false));
            if (!PodStatus.IsThrough(container, record) && !pod.Containers.Any(later => record[later.Name].HasRun))
            {
                foreach (var later in pod.Containers)
                    (record[later.Name].Reason, record[later.Name].Message) = ("PodInitializing", "");
                return wake;
            }
        }
        foreach (var container in pod.Containers)
            wake = Shorter(wake, await BringUpAsync(container, cancel).ConfigureAwait(false));
        foreach (var container in record.Containers.Where(container => container.Phase == ContainerPhase.Running))
            await new ContainerLog(folders.Log(container.Name, container.RestartCount), services.Time).RotateAsync(folders.Bundle(container.Id), cancel).ConfigureAwait(false);
        return wake;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>Starts a container that should run and does not; answers when to look again.</summary>
    private async Task<TimeSpan> BringUpAsync(ContainerDefinition container, CancellationToken cancel)
    {
        var state = record[container.Name];
        if (state.Phase == ContainerPhase.Running)
        {
            probes.Ensure(pod, container, state, record.Address!.ToString());
            return Upkeep;
        }
        if (container.IsCaptureStep)
        {
            if (state.Phase != ContainerPhase.Terminated)
                await CaptureAsync(container, state, cancel).ConfigureAwait(false);
            return Upkeep;
        }
        if (state.Phase == ContainerPhase.Terminated && !ShouldRestart(container, state))
            return Upkeep;
        var now = services.Time.GetUtcNow();
        if (state.RestartAfter > now)
            return state.RestartAfter - now;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, stopping.Token);
        if (!await starts.StartAsync(pod, container, state, either.Token).ConfigureAwait(false))
            return state.RestartAfter > now ? state.RestartAfter - now : Upkeep;
        await RunPostStartAsync(container, state, either.Token).ConfigureAwait(false);
        var hasStartup = container.Spec.Child("startupProbe") is not null;
        state.IsStarted = !hasStartup;
        state.IsReady = !hasStartup && container.Spec.Child("readinessProbe") is null;
        record.Save();
        probes.Ensure(pod, container, state, record.Address!.ToString());
        return TimeSpan.Zero;
    }

    private bool ShouldRestart(ContainerDefinition container, ContainerRecord state) =>
        container.IsNativeSidecar
        || pod.RestartPolicy switch
        {
            "Never" => false,
            "OnFailure" => state.ExitCode != 0,
            _ => !container.IsInit || state.ExitCode != 0,
        };

    private async Task CaptureAsync(ContainerDefinition container, ContainerRecord state, CancellationToken cancel)
    {
        state.StartedAt = services.Time.GetUtcNow();
        await setup.CaptureAsync(pod, container, cancel).ConfigureAwait(false);
        state.Phase = ContainerPhase.Terminated;
        (state.ExitCode, state.Reason, state.Message) = (0, "Completed", "");
        state.FinishedAt = services.Time.GetUtcNow();
        state.Id = ContainerStarts.NewId(pod, container, 0);
        state.IsStarted = true;
        record.Save();
        services.Events.Normal(pod, "Captured", "Applied the pod's capture rules in its network namespace", container.Name);
    }

    /// <summary>The hook holds the next container back, as a kubelet does; a failing one ends its container.</summary>
    private async Task RunPostStartAsync(ContainerDefinition container, ContainerRecord state, CancellationToken cancel)
    {
        if (container.Spec.Child("lifecycle").Child("postStart").Child("exec") is not { } exec)
            return;
        await PublishAsync(cancel).ConfigureAwait(false);
        var (code, output) = await services.Runtime.ExecAsync(state.Id, exec.Texts("command"), 1024, cancel).ConfigureAwait(false);
        if (code == 0)
            return;
        services.Events.Warning(pod, "FailedPostStartHook", $"Exec lifecycle hook for container \"{container.Name}\" failed with exit code {code}: {output}", container.Name);
        await services.Runtime.SignalAsync(state.Id, "KILL", all: false, cancel).ConfigureAwait(false);
    }

    /// <summary>Containers that ended since the last look, also while no node process was there to see it.</summary>
    private async Task NoteExitsAsync(CancellationToken cancel)
    {
        foreach (var container in pod.AllContainers)
        {
            var state = record[container.Name];
            if (state.Phase != ContainerPhase.Running)
                continue;
            var code = services.Runtime.ExitCode(state.Id);
            if (code is null && ContainerRuntime.IsAlive(state.Pid, folders.CgroupEnd(container.Name)))
                continue;
            // conmon writes the exit file a moment after the process is gone.
            for (var look = 0; code is null && look < 20; look++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), services.Time, cancel).ConfigureAwait(false);
                code = services.Runtime.ExitCode(state.Id);
            }
            probes.Stop(container.Name);
            starts.NoteExit(pod, container, state, code, ShouldRestart);
        }
    }

    private void NoteFailure(Exception failed)
    {
        var reason = failed is VolumeException ? "FailedMount" : isPrepared ? "FailedSync" : "FailedCreatePodSandBox";
        services.Events.Warning(pod, reason, failed.Message);
        services.Report($"pod {pod.Namespace}/{pod.Name}: {failed.Message}");
        foreach (var container in pod.AllContainers.Where(container => !record[container.Name].HasRun))
            (record[container.Name].Reason, record[container.Name].Message) = (pod.InitContainers.Count > 0 && !container.IsInit ? "PodInitializing" : "ContainerCreating", "");
    }

    private async Task WaitAsync(TimeSpan wake, CancellationToken cancel)
    {
        if (wake > TimeSpan.Zero)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            using var timer = services.Time.CreateTimer(_ => limit.Cancel(), null, wake, Timeout.InfiniteTimeSpan);
            try
            {
                await signals.Reader.WaitToReadAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return;
            }
        }
        while (signals.Reader.TryRead(out var signal))
            Take(signal);
    }

    private void Take(PodSignal signal)
    {
        isGone |= signal.IsGone;
        if (signal.Desired is { } desired)
        {
            pod = new PodDefinition(desired);
            record.Pod = desired;
        }
        if (signal.Probe is { } outcome)
            probes.Apply(pod, record, outcome);
    }

    /// <summary>Writes the status when it differs from what was last written.</summary>
    private async Task PublishAsync(CancellationToken cancel)
    {
        var status = PodStatus.Render(pod, record, pod.Object.IsBeingDeleted, services.Time.GetUtcNow(), published);
        if (isGone || (published is not null && JsonNode.DeepEquals(status, published)))
            return;
        try
        {
            await services.Connection.PatchAsync(KindTable.Pod, pod.Namespace, pod.Name, PatchType.Merge, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Uid }, ["status"] = status.DeepClone() }, "status", cancel: cancel).ConfigureAwait(false);
            published = status;
            record.Save();
        }
        catch (KubeStatusException missing) when (missing.IsNotFound || missing.IsConflict)
        {
            // Removed behind our back: the watch says so in its own time.
            services.Report($"status of {pod.Namespace}/{pod.Name}: {missing.Message}");
        }
        catch (Exception failed) when (failed is KubeStatusException or HttpRequestException or IOException)
        {
            services.Report($"status of {pod.Namespace}/{pod.Name} was not written: {failed.Message}");
            retry = FirstRetry;
        }
    }

    /// <summary>Hooks, the request to end, the grace, the kill; the application first, the sidecar after it; then nothing is left here.</summary>
    private async Task EndAsync(CancellationToken cancel)
    {
        probes.StopAll();
        await NoteExitsAsync(cancel).ConfigureAwait(false);
        await PublishAsync(cancel).ConfigureAwait(false);
        await new PodTermination(services, folders, record).RunAsync(pod, isGone ? 0 : pod.GraceSeconds, cancel).ConfigureAwait(false);
        foreach (var container in pod.AllContainers.Where(container => record[container.Name].Phase == ContainerPhase.Running))
            starts.NoteExit(pod, container, record[container.Name], services.Runtime.ExitCode(record[container.Name].Id), (_, _) => false);
        await PublishAsync(cancel).ConfigureAwait(false);
        await setup.RemoveAsync(pod, record, cancel).ConfigureAwait(false);
        if (!isGone)
            await services.Connection.DeleteAsync(KindTable.Pod, pod.Namespace, pod.Name, 0, pod.Uid, cancel).ConfigureAwait(false);
    }

    public void Dispose() => stopping.Dispose();
}
