using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Pods;

/// <summary>Writes Kubernetes events about pods; the same words again count up on the first event instead of making another.</summary>
internal sealed class EventRecorder(KubeConnection connection, TimeProvider time, Action<string> report)
{
    /// <summary>Events that wait while the API server is away; the oldest are dropped beyond it (events are best effort, as in Kubernetes).</summary>
    private const int QueueLimit = 1000;

    /// <summary>Distinct events remembered for counting.</summary>
    private const int MemoryLimit = 5000;

    private readonly Channel<Entry> queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(QueueLimit) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly ConcurrentDictionary<string, (string Name, int Count, DateTimeOffset First)> seen = new(StringComparer.Ordinal);
    private int sequence;

    public void Normal(PodDefinition pod, string reason, string message, string container = "") => Add(pod, "Normal", reason, message, container);

    public void Warning(PodDefinition pod, string reason, string message, string container = "") => Add(pod, "Warning", reason, message, container);

    public async Task RunAsync(CancellationToken cancel)
    {
        await foreach (var entry in queue.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
        {
            try
            {
                await WriteAsync(entry, cancel).ConfigureAwait(false);
            }
            catch (Exception failed) when (failed is KubeStatusException or HttpRequestException or IOException)
            {
                report($"event {entry.Reason} of {entry.Pod.Namespace}/{entry.Pod.Name} was not written: {failed.Message}");
            }
        }
    }

    private void Add(PodDefinition pod, string type, string reason, string message, string container) =>
        queue.Writer.TryWrite(new Entry(pod, type, reason, message, container, time.GetUtcNow()));

    private async Task WriteAsync(Entry entry, CancellationToken cancel)
    {
        var pod = entry.Pod;
        var key = $"{pod.Uid}/{entry.Container}/{entry.Reason}/{entry.Message}";
        if (seen.TryGetValue(key, out var former))
        {
            seen[key] = former with { Count = former.Count + 1 };
            var again = new JsonObject { ["count"] = former.Count + 1, ["lastTimestamp"] = JsonTree.Timestamp(entry.Moment) };
            await connection.PatchAsync(KindTable.Event, pod.Namespace, former.Name, PatchType.Merge, again, cancel: cancel).ConfigureAwait(false);
            return;
        }
        if (seen.Count >= MemoryLimit)
            seen.Clear();
        // In nanoseconds, so that events are listed as they happened; the clock's last two digits are free to tell two of one moment apart.
        var name = $"{pod.Name}.{((entry.Moment - DateTimeOffset.UnixEpoch).Ticks * 100) + (sequence++ % 100):x}";
        var involved = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["namespace"] = pod.Namespace,
            ["name"] = pod.Name,
            ["uid"] = pod.Uid,
        };
        if (entry.Container.Length > 0)
            involved["fieldPath"] = $"spec.containers{{{entry.Container}}}";
        await connection.CreateAsync(KindTable.Event, new KubeObject(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = pod.Namespace },
            ["involvedObject"] = involved,
            ["type"] = entry.Type,
            ["reason"] = entry.Reason,
            ["message"] = entry.Message,
            ["source"] = new JsonObject { ["component"] = "kubelet", ["host"] = NodeIdentity.Name },
            ["reportingComponent"] = "kubelet",
            ["reportingInstance"] = NodeIdentity.Name,
            ["firstTimestamp"] = JsonTree.Timestamp(entry.Moment),
            ["lastTimestamp"] = JsonTree.Timestamp(entry.Moment),
            ["count"] = 1,
        }), cancel).ConfigureAwait(false);
        seen[key] = (name, 1, entry.Moment);
    }

    private sealed record Entry(PodDefinition Pod, string Type, string Reason, string Message, string Container, DateTimeOffset Moment);
}
