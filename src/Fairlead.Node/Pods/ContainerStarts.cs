using System.Globalization;
using Fairlead.Node.Images;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Pods;

/// <summary>Starts the containers of one pod, counts their restarts and spaces them out.</summary>
internal sealed class ContainerStarts(PodServices services, PodFolders folders, PodRecord record)
{
    /// <summary>Kubernetes' back-off: 10 s, doubled per restart, 5 min at most, forgotten after 10 min of running.</summary>
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LastBackoff = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Forgiveness = TimeSpan.FromMinutes(10);

    /// <summary>A missing image is looked for again this often.</summary>
    private static readonly TimeSpan ImageRetry = TimeSpan.FromSeconds(10);

    /// <summary>What is kept of a termination message, in bytes (Kubernetes' bound).</summary>
    private const int MessageLimit = 4096;

    private readonly Dictionary<string, int> crashes = new(StringComparer.Ordinal);

    public static string NewId(PodDefinition pod, ContainerDefinition container, int attempt) => $"{pod.Uid}-{container.Name}-{attempt}";

    /// <summary>False when it did not start; the record says why, and when to try again.</summary>
    public async Task<bool> StartAsync(PodDefinition pod, ContainerDefinition container, ContainerRecord state, CancellationToken cancel)
    {
        var attempt = state.HasRun ? state.RestartCount + 1 : 0;
        var id = NewId(pod, container, attempt);
        try
        {
            var image = await services.Images.FindAsync(container.Image, cancel).ConfigureAwait(false);
            services.Events.Normal(pod, "Pulled", $"Container image \"{container.Image}\" already present on machine", container.Name);
            if (state.HasRun)
                await services.Runtime.DeleteAsync(state.Id, folders.Bundle(state.Id), cancel).ConfigureAwait(false);
            var pid = await services.Launcher.StartAsync(pod, container, folders, record.Address!.ToString(), image, id, attempt, cancel).ConfigureAwait(false);
            (state.LastId, state.Id, state.Pid, state.RestartCount) = (state.Id, id, pid, attempt);
            (state.Phase, state.Reason, state.Message, state.ImageId) = (ContainerPhase.Running, "", "", $"fairlead://{image.Name}");
            (state.StartedAt, state.IsStarted, state.IsReady, state.RestartAfter) = (services.Time.GetUtcNow(), false, false, default);
            record.Save();
            services.Events.Normal(pod, "Created", $"Created container {container.Name}", container.Name);
            services.Events.Normal(pod, "Started", $"Started container {container.Name}", container.Name);
            return true;
        }
        catch (ImageMissingException missing)
        {
            Refuse(pod, container, state, "ErrImagePull", missing.Message, ImageRetry);
        }
        catch (Exception refused) when (refused is ContainerRefusedException or VolumeException)
        {
            Refuse(pod, container, state, "CreateContainerConfigError", refused.Message, ImageRetry);
        }
        catch (ToolException failed)
        {
            await services.Runtime.DeleteAsync(id, folders.Bundle(id), cancel).ConfigureAwait(false);
            NoteFailedStart(pod, container, state, failed.Message);
        }
        return false;
    }

    /// <summary>The container ended: its code and words into the record, and when it may start again.</summary>
    public void NoteExit(PodDefinition pod, ContainerDefinition container, ContainerRecord state, int? code, Func<ContainerDefinition, ContainerRecord, bool> shouldRestart)
    {
        state.Phase = ContainerPhase.Terminated;
        state.ExitCode = code ?? 137;
        state.FinishedAt = code is null ? services.Time.GetUtcNow() : services.Runtime.ExitTime(state.Id);
        state.Reason = code switch { null => "ContainerStatusUnknown", 0 => "Completed", _ when WasOutOfMemory(container, state) => "OOMKilled", _ => "Error" };
        state.Message = TerminationMessage(container, state);
        (state.IsReady, state.IsStarted) = (false, false);
        if (shouldRestart(container, state))
            Postpone(pod, container, state);
        record.Save();
    }

    private void Postpone(PodDefinition pod, ContainerDefinition container, ContainerRecord state)
    {
        if (state.FinishedAt - state.StartedAt > Forgiveness)
            crashes.Remove(container.Name);
        var count = crashes.TryGetValue(container.Name, out var before) ? before : 0;
        crashes[container.Name] = count + 1;
        state.LastState = PodStatus.State(state);
        if (count == 0)
            return;
        var factor = Math.Pow(2, Math.Min(count - 1, 10));
        var delay = FirstBackoff * factor < LastBackoff ? FirstBackoff * factor : LastBackoff;
        state.RestartAfter = services.Time.GetUtcNow() + delay;
        state.Phase = ContainerPhase.Waiting;
        state.Reason = "CrashLoopBackOff";
        state.Message = string.Create(CultureInfo.InvariantCulture, $"back-off {delay.TotalSeconds:0}s restarting failed container={container.Name} pod={pod.Name}_{pod.Namespace}({pod.Uid})");
        services.Events.Warning(pod, "BackOff", $"Back-off restarting failed container {container.Name} in pod {pod.Name}_{pod.Namespace}({pod.Uid})", container.Name);
    }

    private void Refuse(PodDefinition pod, ContainerDefinition container, ContainerRecord state, string reason, string message, TimeSpan delay)
    {
        (state.Phase, state.Reason, state.Message) = (ContainerPhase.Waiting, reason, message);
        state.RestartAfter = services.Time.GetUtcNow() + delay;
        record.Save();
        services.Events.Warning(pod, "Failed", reason == "ErrImagePull" ? $"Failed to pull image \"{container.Image}\": {message}" : $"Error: {message}", container.Name);
    }

    /// <summary>runc could not run the command: the container counts as having ended at once, with the shell's code for it.</summary>
    private void NoteFailedStart(PodDefinition pod, ContainerDefinition container, ContainerRecord state, string message)
    {
        services.Events.Warning(pod, "Failed", $"Error: failed to start container \"{container.Name}\": {message}", container.Name);
        var count = crashes.TryGetValue(container.Name, out var before) ? before : 0;
        crashes[container.Name] = count + 1;
        var factor = Math.Pow(2, Math.Min(count, 10));
        var delay = FirstBackoff * factor < LastBackoff ? FirstBackoff * factor : LastBackoff;
        (state.Phase, state.Reason, state.Message) = (ContainerPhase.Waiting, "RunContainerError", message);
        state.RestartAfter = services.Time.GetUtcNow() + delay;
        record.Save();
    }

    /// <summary>What the container wrote to its termination log, or where it asked for it and failed, the end of its log.</summary>
    private string TerminationMessage(ContainerDefinition container, ContainerRecord state)
    {
        var path = Path.Combine(folders.Termination, container.Name);
        if (File.Exists(path) && new FileInfo(path) is { Length: > 0, LinkTarget: null } written)
        {
            using var file = written.OpenRead();
            var buffer = new byte[MessageLimit];
            var text = System.Text.Encoding.UTF8.GetString(buffer, 0, file.ReadAtLeast(buffer, MessageLimit, throwOnEndOfStream: false));
            File.WriteAllText(path, "");
            return text;
        }
        var log = folders.Log(container.Name, state.RestartCount);
        if (container.Spec.Text("terminationMessagePolicy") != "FallbackToLogsOnError" || state.ExitCode == 0 || !File.Exists(log))
            return "";
        return string.Join('\n', File.ReadLines(log).TakeLast(80).Select(line => line.Split(' ', 4) is [_, _, _, var text] ? text : ""));
    }

    /// <summary>conmon's mark, or the kernel's own count: conmon 2.1 sees none in v1 hierarchies.</summary>
    private bool WasOutOfMemory(ContainerDefinition container, ContainerRecord state) =>
        File.Exists(Path.Combine(folders.Bundle(state.Id), "oom")) || Machine.Cgroups.WasOutOfMemory(folders.Cgroup(container.Name)[1..]);
}
