using System.Text.Json.Nodes;
using Fairlead.ApiServer.Admission;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Watch;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Controllers;

/// <summary>Binds pods to a node that is ready and fits their node selector. With one node there is nothing to rank.</summary>
internal sealed class Scheduler(ObjectStore store, EventRecorder events, TimeProvider time) : IController
{
    public string Name => "default-scheduler";
    public IReadOnlyList<KindDescriptor> Watched { get; } = [KindTable.Pod, KindTable.Node];

    public IEnumerable<ResourceKey> Touched(StoreEvent change)
    {
        if (change.Object.Key.Kind == KindTable.Pod)
            return IsWaiting(change.Object) && change.Type != ChangeType.Deleted ? [change.Object.Key] : [];
        return store.State.Of(KindTable.Pod).Values.Where(IsWaiting).Select(pod => pod.Key);
    }

    public async Task<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellation)
    {
        if (store.State.Find(key) is not { IsBeingDeleted: false } stored || !IsWaiting(stored))
            return null;
        var pod = stored.Read();
        var (node, reason) = Choose(pod);
        var before = pod.Root.ObjectsAt("status.conditions").FirstOrDefault(condition => condition.TextAt("type") == "PodScheduled");
        var conditions = pod.Root.Ensure("status").ObjectsAt("conditions").Where(condition => condition.TextAt("type") != "PodScheduled").Select(condition => condition.DeepClone()).ToList();
        var condition = new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = node is null ? "False" : "True",
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = JsonPath.Timestamp(time.GetUtcNow()),
        };
        if (node is null)
        {
            if (before.TextAt("message") == reason)
                return null;
            condition["reason"] = "Unschedulable";
            condition["message"] = reason;
        }
        else
        {
            pod.Root.Ensure("spec")["nodeName"] = node;
        }
        conditions.Add(condition);
        pod.Root.Ensure("status").Set("phase", "Pending");
        pod.Root.Ensure("status")["conditions"] = new JsonArray([.. conditions]);
        // Binding writes spec and status at once, which no request of a client may: it goes to the store directly.
        var result = await store.CommitAsync(new Write(key, stored.Revision, pod), cancellation);
        if (result.Outcome != WriteOutcome.Done)
            return result.Outcome == WriteOutcome.Missing ? null : TimeSpan.Zero;
        pod = result.Object!.Read();
        if (node is null)
            await events.WarningAsync(Name, pod, "FailedScheduling", reason, cancellation);
        else
            await events.NormalAsync(Name, pod, "Scheduled", $"Successfully assigned {key.Namespace}/{key.Name} to {node}", cancellation);
        return null;
    }

    private static bool IsWaiting(StoredObject pod) => pod.Fields.GetValueOrDefault("spec.nodeName", "").Length == 0;

    private (string? Node, string Reason) Choose(KubeObject pod)
    {
        var nodes = store.State.Of(KindTable.Node).Values.Select(stored => stored.Read()).ToList();
        if (nodes.Count == 0)
            return (null, "no nodes available to schedule pods");
        var selector = pod.Root.TextMapAt("spec.nodeSelector");
        var (unready, closed, other) = (0, 0, 0);
        var taints = new List<string>();
        foreach (var node in nodes)
        {
            if (node.Root.FlagAt("spec.unschedulable"))
                closed++;
            else if (!Owners.IsReady(node))
                unready++;
            else if (!selector.All(pair => node.Labels.GetValueOrDefault(pair.Key) == pair.Value))
                other++;
            else if (Untolerated(pod, node) is { } taint)
                taints.Add(taint);
            else
                return (node.Name, "");
        }
        var reasons = new List<string>();
        if (unready > 0)
            reasons.Add($"{unready} node(s) were not ready");
        if (closed > 0)
            reasons.Add($"{closed} node(s) were unschedulable");
        foreach (var group in taints.GroupBy(taint => taint, StringComparer.Ordinal))
            reasons.Add($"{group.Count()} node(s) had untolerated taint {{{group.Key}}}");
        if (other > 0)
            reasons.Add($"{other} node(s) didn't match Pod's node affinity/selector");
        return (null, $"0/{nodes.Count} nodes are available: {string.Join(", ", reasons)}.");
    }

    /// <summary>The first taint that keeps the pod away, as <c>KEY: VALUE</c> (k8s.io/component-helpers, corev1: FindMatchingUntoleratedTaint).</summary>
    private static string? Untolerated(KubeObject pod, KubeObject node)
    {
        var tolerations = pod.Root.ObjectsAt("spec.tolerations").ToList();
        var taint = node.Root.ObjectsAt("spec.taints").FirstOrDefault(taint => taint.TextAt("effect") is "NoSchedule" or "NoExecute" && !tolerations.Exists(toleration => Tolerates(toleration, taint)));
        return taint is null ? null : $"{taint.TextAt("key")}: {taint.TextAt("value")}";
    }

    private static bool Tolerates(JsonObject toleration, JsonObject taint)
    {
        if (toleration.TextAt("effect") is { Length: > 0 } effect && effect != taint.TextAt("effect"))
            return false;
        if (toleration.TextAt("key") is { Length: > 0 } key && key != taint.TextAt("key"))
            return false;
        return toleration.TextAt("operator") is "Exists" || (toleration.TextAt("key").Length > 0 && toleration.TextAt("value") == taint.TextAt("value"));
    }
}
