using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Watch;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Controllers;

/// <summary>Keeps as many pods of a ReplicaSet's template as it asks for, and tells in its status how they do.</summary>
internal sealed class ReplicaSetController(ObjectStore store, ResourceWriter writer, ResourceRemoval removal, EventRecorder events, TimeProvider time) : IController
{
    /// <summary>Pods made or deleted in one pass; the rest follow in the next (the real server: 500).</summary>
    private const int BurstLimit = 100;

    public string Name => "replicaset-controller";
    public IReadOnlyList<KindDescriptor> Watched { get; } = [KindTable.ReplicaSet, KindTable.Pod];

    public IEnumerable<ResourceKey> Touched(StoreEvent change)
    {
        if (change.Object.Key.Kind == KindTable.ReplicaSet)
            yield return change.Object.Key;
        else if (Owners.Key(change.Object, KindTable.ReplicaSet) is { } owner)
            yield return owner;
    }

    public async Task<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellation)
    {
        if (store.State.Find(key) is not { IsBeingDeleted: false } stored)
            return null;
        var set = stored.Read();
        var wanted = (int)(set.Root.NumberAt("spec.replicas") ?? 1);
        var living = Owners.OwnedBy(store.State, KindTable.Pod, set).Where(pod => !pod.IsBeingDeleted && !Owners.IsOver(pod)).ToList();
        Refusal? failure = null;
        try
        {
            for (var i = living.Count; i < Math.Min(wanted, living.Count + BurstLimit); i++)
                await CreateAsync(set, cancellation);
            foreach (var pod in living.OrderBy(Owners.IsReady).ThenByDescending(pod => pod.CreationTimestamp, StringComparer.Ordinal).Take(Math.Min(BurstLimit, living.Count - wanted)))
                await DeleteAsync(set, pod, cancellation);
        }
        catch (Refusal refused)
        {
            failure = refused;
            await events.WarningAsync(Name, set, "FailedCreate", $"Error creating: {refused.Message}", cancellation);
        }
        var again = await WriteStatusAsync(key, set, failure, cancellation);
        return failure is null ? again : throw failure;
    }

    private async Task CreateAsync(KubeObject set, CancellationToken cancellation)
    {
        var template = set.Root.At("spec.template");
        var metadata = new JsonObject
        {
            ["generateName"] = set.Name + "-",
            ["namespace"] = set.Namespace,
            ["ownerReferences"] = new JsonArray(Owners.Reference(set)),
        };
        foreach (var field in (string[])["labels", "annotations", "finalizers"])
        {
            if (template.At("metadata." + field) is { } value)
                metadata[field] = value.DeepClone();
        }
        var made = await writer.CreateAsync(
            ResourceRequest.Internal(Name, KindTable.Pod, set.Namespace, "", cancellation),
            new KubeObject(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = metadata, ["spec"] = template.At("spec")?.DeepClone() ?? new JsonObject() }));
        await events.NormalAsync(Name, set, "SuccessfulCreate", $"Created pod: {made.Name}", cancellation);
    }

    private async Task DeleteAsync(KubeObject set, KubeObject pod, CancellationToken cancellation)
    {
        await removal.DeleteAsync(ResourceRequest.Internal(Name, KindTable.Pod, pod.Namespace, pod.Name, cancellation), new DeleteOptions { Uid = pod.Uid });
        await events.NormalAsync(Name, set, "SuccessfulDelete", $"Deleted pod: {pod.Name}", cancellation);
    }

    private async Task<TimeSpan?> WriteStatusAsync(ResourceKey key, KubeObject set, Refusal? failure, CancellationToken cancellation)
    {
        var pods = Owners.OwnedBy(store.State, KindTable.Pod, set).Where(pod => !pod.IsBeingDeleted && !Owners.IsOver(pod)).ToList();
        var ready = pods.Where(Owners.IsReady).ToList();
        var minimum = TimeSpan.FromSeconds(set.Root.NumberAt("spec.minReadySeconds") ?? 0);
        var waits = ready.Select(pod => minimum - ReadyFor(pod)).ToList();
        var status = new JsonObject { ["replicas"] = (long)pods.Count };
        var labels = set.Root.TextMapAt("spec.template.metadata.labels");
        AddCount(status, "fullyLabeledReplicas", pods.Count(pod => labels.All(pair => pod.Labels.GetValueOrDefault(pair.Key) == pair.Value)));
        AddCount(status, "readyReplicas", ready.Count);
        AddCount(status, "availableReplicas", waits.Count(wait => wait <= TimeSpan.Zero));
        status["observedGeneration"] = set.Generation;
        if (failure is not null)
        {
            status["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "ReplicaFailure",
                ["status"] = "True",
                ["lastTransitionTime"] = set.Root.ObjectsAt("status.conditions").FirstOrDefault().TextAt("lastTransitionTime") is { Length: > 0 } since ? since : JsonPath.Timestamp(time.GetUtcNow()),
                ["reason"] = "FailedCreate",
                ["message"] = failure.Message,
            });
        }
        if (!JsonNode.DeepEquals(set.Root["status"], status))
        {
            set.Root["status"] = status;
            set.Metadata.Remove("resourceVersion");
            await writer.UpdateAsync(ResourceRequest.Internal(Name, key.Kind, key.Namespace, key.Name, cancellation) with { Subresource = "status" }, set);
        }
        var pending = waits.Where(wait => wait > TimeSpan.Zero).ToList();
        return pending.Count > 0 ? pending.Min() : null;
    }

    private static void AddCount(JsonObject status, string field, int count)
    {
        if (count > 0)
            status[field] = (long)count;
    }

    private TimeSpan ReadyFor(KubeObject pod)
    {
        var since = pod.Root.ObjectsAt("status.conditions").First(condition => condition.TextAt("type") == "Ready").TextAt("lastTransitionTime");
        return DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, out var moment) ? time.GetUtcNow() - moment : TimeSpan.MaxValue;
    }
}
