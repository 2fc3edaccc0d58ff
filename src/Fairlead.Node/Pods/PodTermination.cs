using Fairlead.Node.Machine;

namespace Fairlead.Node.Pods;

/// <summary>Ends a pod's containers within its grace: hooks, SIGTERM, SIGKILL. The sidecar serves until the application is gone.</summary>
internal sealed class PodTermination(PodServices services, PodFolders folders, PodRecord record)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    public async Task RunAsync(PodDefinition pod, int graceSeconds, CancellationToken cancel)
    {
        var deadline = services.Time.GetUtcNow() + TimeSpan.FromSeconds(graceSeconds);
        var running = pod.AllContainers.Where(IsRunning).ToList();
        foreach (var container in running)
            services.Events.Normal(pod, "Killing", $"Stopping container {container.Name}", container.Name);
        await EndAsync(running.Where(container => !IsLast(container)), deadline, cancel).ConfigureAwait(false);
        foreach (var sidecar in running.Where(IsLast).Reverse())
            await EndAsync([sidecar], deadline, cancel).ConfigureAwait(false);
    }

    private static bool IsLast(ContainerDefinition container) => container.IsNativeSidecar || container.IsProxy;

    private bool IsRunning(ContainerDefinition container) => record[container.Name] is { Phase: ContainerPhase.Running } state && services.Runtime.ExitCode(state.Id) is null;

    private Task EndAsync(IEnumerable<ContainerDefinition> containers, DateTimeOffset deadline, CancellationToken cancel) =>
        Task.WhenAll(containers.Select(container => EndAsync(container, deadline, cancel)));

    private async Task EndAsync(ContainerDefinition container, DateTimeOffset deadline, CancellationToken cancel)
    {
        var state = record[container.Name];
        await RunHookAsync(container, state, deadline, cancel).ConfigureAwait(false);
        await services.Runtime.SignalAsync(state.Id, "TERM", all: false, cancel).ConfigureAwait(false);
        if (await EndedAsync(container, deadline, cancel).ConfigureAwait(false))
            return;
        await services.Runtime.SignalAsync(state.Id, "KILL", all: true, cancel).ConfigureAwait(false);
        await EndedAsync(container, services.Time.GetUtcNow() + TimeSpan.FromSeconds(5), cancel).ConfigureAwait(false);
    }

    private async Task<bool> EndedAsync(ContainerDefinition container, DateTimeOffset deadline, CancellationToken cancel)
    {
        var state = record[container.Name];
        while (services.Runtime.ExitCode(state.Id) is null && Runtime.ContainerRuntime.IsAlive(state.Pid, folders.CgroupEnd(container.Name)))
        {
            if (services.Time.GetUtcNow() >= deadline)
                return false;
            await Task.Delay(PollInterval, services.Time, cancel).ConfigureAwait(false);
        }
        return true;
    }

    private async Task RunHookAsync(ContainerDefinition container, ContainerRecord state, DateTimeOffset deadline, CancellationToken cancel)
    {
        if (container.Spec.Child("lifecycle").Child("preStop") is not { } hook)
            return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var left = deadline - services.Time.GetUtcNow();
        using var timer = services.Time.CreateTimer(_ => limit.Cancel(), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        try
        {
            if (hook.Child("exec") is { } exec)
                await services.Runtime.ExecAsync(state.Id, exec.Texts("command"), 1024, limit.Token).ConfigureAwait(false);
            else if (hook.Child("sleep").Number("seconds") is { } seconds)
                await Task.Delay(TimeSpan.FromSeconds(seconds), services.Time, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            services.Report($"preStop hook of {container.Name} did not end within the grace");
        }
    }
}
