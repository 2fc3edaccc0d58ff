using Fairlead.Config.Kinds;
using Fairlead.KubeClient;
using Fairlead.Node.Endpoint;
using Fairlead.Node.Network;

namespace Fairlead.Node.Pods;

/// <summary>Follows the API: a worker for each pod bound to this node, Services and EndpointSlices for the rules.</summary>
internal sealed class PodFollower(PodServices services, PodDirectory pods, ServiceTable table, Random random, Action<string> report)
{
    private readonly HashSet<string> listed = new(StringComparer.Ordinal);
    private bool isSynced;

    /// <summary>Takes up again what a former node process left running.</summary>
    public void Resume(CancellationToken cancel)
    {
        foreach (var folder in Directory.EnumerateDirectories(services.Paths.Pods))
        {
            if (PodRecord.Load(folder) is { } record)
                Begin(record.Pod, cancel);
        }
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        var informer = new Informer(
            services.Connection, [WatchedKind.Everywhere(KindTable.Pod), WatchedKind.Everywhere(KindTable.Service), WatchedKind.Everywhere(KindTable.EndpointSlice)],
            services.Time, random, report);
        await foreach (var change in informer.ChangesAsync(cancel).ConfigureAwait(false))
        {
            table.Take(change);
            if (change.Kind == KindTable.Pod)
                await TakeAsync(change, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>An exit file appeared: the pod whose container it is looks at once.</summary>
    public async Task NoteExitAsync(string containerId, CancellationToken cancel)
    {
        foreach (var worker in pods.All.Where(worker => containerId.StartsWith(worker.Uid, StringComparison.Ordinal)))
            await worker.SignalAsync(new PodSignal(ExitedContainer: containerId), cancel).ConfigureAwait(false);
    }

    private async Task TakeAsync(ResourceChange change, CancellationToken cancel)
    {
        if (change.Type == ChangeType.Synced)
        {
            isSynced = true;
            foreach (var worker in pods.All.Where(worker => !listed.Contains(worker.Uid)).ToList())
                await worker.SignalAsync(new PodSignal(IsGone: true), cancel).ConfigureAwait(false);
            listed.Clear();
            return;
        }
        if (change.Object is not { } pod || pod.Spec?["nodeName"]?.GetValue<string>() != NodeIdentity.Name || new PodDefinition(pod).IsMirror)
            return;
        if (!isSynced)
            listed.Add(pod.Uid);
        var known = pods.Find(pod.Uid);
        if (change.Type == ChangeType.Deleted)
        {
            if (known is not null)
                await known.SignalAsync(new PodSignal(IsGone: true), cancel).ConfigureAwait(false);
        }
        else if (known is not null)
        {
            await known.SignalAsync(new PodSignal(Desired: pod), cancel).ConfigureAwait(false);
        }
        else
        {
            Begin(pod, cancel);
        }
    }

    private void Begin(KubeObject pod, CancellationToken cancel)
    {
        var worker = new PodWorker(services, pod);
        if (pods.Add(worker))
            _ = RunAsync(worker, cancel);
        else
            worker.Dispose();
    }

    private async Task RunAsync(PodWorker worker, CancellationToken cancel)
    {
        try
        {
            await Task.Run(() => worker.RunAsync(cancel), cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The node ends; the pod goes on.
            return;
        }
        catch (Exception broken)
        {
            report($"pod {worker.Pod.Namespace}/{worker.Pod.Name}: its worker ended: {broken}");
        }
        pods.Remove(worker.Uid);
        worker.Dispose();
    }
}
