using System.Threading.Channels;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Pods;

/// <summary>The probes of one pod's running containers: startup first, the others once it has passed.</summary>
internal sealed class PodProbes(PodServices services, ChannelWriter<PodSignal> signals)
{
    private readonly Dictionary<string, (string ContainerId, CancellationTokenSource Stop)> running = new(StringComparer.Ordinal);

    /// <summary>Begins the probes that the container should have now and that do not run yet.</summary>
    public void Ensure(PodDefinition pod, ContainerDefinition container, ContainerRecord state, string address)
    {
        var kinds = state.IsStarted ? new[] { "readinessProbe", "livenessProbe" } : ["startupProbe"];
        foreach (var kind in kinds)
        {
            var slot = $"{container.Name}/{kind}";
            if (container.Spec.Child(kind) is not { } spec || (running.TryGetValue(slot, out var current) && current.ContainerId == state.Id))
                continue;
            Stop(slot, exact: true);
            var stop = new CancellationTokenSource();
            running[slot] = (state.Id, stop);
            var probe = new ContainerProbe(kind, spec, container, state.Id, address, services.Runtime, services.ProbeClient, services.Time);
            _ = RunAsync(pod, probe, stop.Token);
        }
    }

    public void Stop(string container) => Stop(container + "/", exact: false);

    public void StopAll() => Stop("", exact: false);

    /// <summary>What a probe found, in the container's record; a container that failed startup or liveness is killed and restarts by its policy.</summary>
    public void Apply(PodDefinition pod, PodRecord record, ProbeOutcome outcome)
    {
        var state = record[outcome.Container];
        if (state.Id != outcome.ContainerId || state.Phase != ContainerPhase.Running)
            return;
        var container = pod.AllContainers.First(container => container.Name == outcome.Container);
        switch (outcome.Kind)
        {
            case "startupProbe" when outcome.Passed:
                state.IsStarted = true;
                state.IsReady = container.Spec.Child("readinessProbe") is null;
                Stop($"{outcome.Container}/startupProbe", exact: true);
                break;
            case "readinessProbe":
                state.IsReady = outcome.Passed;
                break;
        }
        if (outcome.Passed)
            return;
        var name = outcome.Kind[..^"Probe".Length];
        if (outcome.Kind == "readinessProbe")
            return;
        services.Events.Normal(pod, "Killing", $"Container {outcome.Container} failed {name} probe, will be restarted", outcome.Container);
        _ = KillAsync(pod, outcome.ContainerId);
    }

    private async Task KillAsync(PodDefinition pod, string id)
    {
        try
        {
            await services.Runtime.SignalAsync(id, "TERM", all: false, CancellationToken.None).ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromSeconds(pod.GraceSeconds), services.Time).ConfigureAwait(false);
            if (services.Runtime.ExitCode(id) is null)
                await services.Runtime.SignalAsync(id, "KILL", all: false, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ToolException failed)
        {
            services.Report($"pod {pod.Namespace}/{pod.Name}: {failed.Message}");
        }
    }

    private async Task RunAsync(PodDefinition pod, ContainerProbe probe, CancellationToken cancel)
    {
        try
        {
            var name = probe.Kind[..^"Probe".Length];
            await probe.RunAsync(
                (found, passed, said) => signals.WriteAsync(new PodSignal(Probe: new ProbeOutcome(found.ContainerName, found.ContainerId, found.Kind, passed, said)), cancel),
                said => services.Events.Warning(pod, "Unhealthy", $"{char.ToUpperInvariant(name[0])}{name[1..]} probe failed: {said}", probe.ContainerName), cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Its container ended.
            return;
        }
        catch (Exception broken)
        {
            services.Report($"pod {pod.Namespace}/{pod.Name}: {probe.Kind} of {probe.ContainerName} stopped: {broken.Message}");
        }
    }

    private void Stop(string slot, bool exact)
    {
        foreach (var name in running.Keys.Where(name => exact ? name == slot : name.StartsWith(slot, StringComparison.Ordinal)).ToList())
        {
            running[name].Stop.Cancel();
            running.Remove(name);
        }
    }
}
