using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Watch;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Controllers;

/// <summary>Deployment to ReplicaSets: one per template, named by its hash; rolls from the old to the new one.</summary>
internal sealed class DeploymentController(ObjectStore store, ResourceWriter writer, ResourceRemoval removal, EventRecorder events, TimeProvider time) : IController
{
    public const string HashLabel = "pod-template-hash";
    public const string RevisionAnnotation = "deployment.kubernetes.io/revision";

    public string Name => "deployment-controller";
    public IReadOnlyList<KindDescriptor> Watched { get; } = [KindTable.Deployment, KindTable.ReplicaSet];

    public IEnumerable<ResourceKey> Touched(StoreEvent change)
    {
        if (change.Object.Key.Kind == KindTable.Deployment)
            yield return change.Object.Key;
        else if (Owners.Key(change.Object, KindTable.Deployment) is { } owner)
            yield return owner;
    }

    public async Task<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellation)
    {
        if (store.State.Find(key) is not { IsBeingDeleted: false } stored)
            return null;
        var deployment = stored.Read();
        var sets = Owners.OwnedBy(store.State, KindTable.ReplicaSet, deployment);
        var hash = TemplateHash(deployment);
        var current = sets.FirstOrDefault(set => set.Labels.GetValueOrDefault(HashLabel) == hash);
        if (!deployment.Root.FlagAt("spec.paused"))
        {
            current = await RollAsync(deployment, sets, current, hash, cancellation);
            await CleanUpAsync(deployment, sets, current, cancellation);
        }
        else if (current is not null)
        {
            await ScaleAsync(deployment, current, RollingUpdate.Wanted(deployment), cancellation);
        }
        return await WriteStatusAsync(key, hash, cancellation);
    }

    private async Task<KubeObject> RollAsync(KubeObject deployment, List<KubeObject> sets, KubeObject? current, string hash, CancellationToken cancellation)
    {
        var old = sets.Where(set => set.Labels.GetValueOrDefault(HashLabel) != hash).ToList();
        var total = sets.Sum(Replicas);
        if (deployment.Root.TextAt("spec.strategy.type") == "Recreate")
            total = sets.Sum(set => Math.Max(Replicas(set), (int)(set.Root.NumberAt("status.replicas") ?? 0)));
        var next = RollingUpdate.NextNew(deployment, current is null ? 0 : Replicas(current), total);
        if (current is null)
            current = await CreateSetAsync(deployment, sets, hash, next, cancellation);
        else
            current = await PromoteAsync(deployment, sets, current, next, cancellation);
        var remove = RollingUpdate.OldToRemove(
            deployment, Replicas(current), Available(current), old.Sum(Replicas), old.Sum(set => Math.Min(Replicas(set), Available(set))));
        // The least available sets shrink first, then the oldest.
        foreach (var set in old.OrderBy(Available).ThenBy(set => Revision(set)))
        {
            var step = Math.Min(remove, Replicas(set));
            if (step <= 0)
                continue;
            await ScaleAsync(deployment, set, Replicas(set) - step, cancellation);
            remove -= step;
        }
        return current;
    }

    private async Task<KubeObject> CreateSetAsync(KubeObject deployment, List<KubeObject> sets, string hash, int replicas, CancellationToken cancellation)
    {
        var template = (JsonObject)deployment.Root.At("spec.template")!.DeepClone();
        template.Ensure("metadata").Ensure("labels")[HashLabel] = hash;
        var selector = (JsonObject)deployment.Root.At("spec.selector")!.DeepClone();
        selector.Ensure("matchLabels")[HashLabel] = hash;
        var revision = sets.Select(Revision).DefaultIfEmpty(0).Max() + 1;
        var annotations = Inherited(deployment);
        annotations[RevisionAnnotation] = revision.ToString(CultureInfo.InvariantCulture);
        annotations["deployment.kubernetes.io/desired-replicas"] = RollingUpdate.Wanted(deployment).ToString(CultureInfo.InvariantCulture);
        annotations["deployment.kubernetes.io/max-replicas"] = (RollingUpdate.Wanted(deployment) + RollingUpdate.Surge(deployment)).ToString(CultureInfo.InvariantCulture);
        var spec = new JsonObject { ["replicas"] = (long)replicas, ["selector"] = selector, ["template"] = template };
        if (deployment.Root.NumberAt("spec.minReadySeconds") is > 0 and var minimum)
            spec["minReadySeconds"] = minimum;
        var made = await writer.CreateAsync(
            ResourceRequest.Internal(Name, KindTable.ReplicaSet, deployment.Namespace, "", cancellation),
            new KubeObject(new JsonObject
            {
                ["apiVersion"] = "apps/v1",
                ["kind"] = "ReplicaSet",
                ["metadata"] = new JsonObject
                {
                    ["name"] = $"{deployment.Name}-{hash}",
                    ["namespace"] = deployment.Namespace,
                    ["labels"] = template.At("metadata.labels")!.DeepClone(),
                    ["annotations"] = annotations,
                    ["ownerReferences"] = new JsonArray(Owners.Reference(deployment)),
                },
                ["spec"] = spec,
            }));
        if (replicas > 0)
            await events.NormalAsync(Name, deployment, "ScalingReplicaSet", $"Scaled up replica set {made.Name} to {replicas}", cancellation);
        return made;
    }

    /// <summary>An older set whose template is wanted again becomes the newest revision.</summary>
    private async Task<KubeObject> PromoteAsync(KubeObject deployment, List<KubeObject> sets, KubeObject current, int replicas, CancellationToken cancellation)
    {
        var newest = sets.Select(Revision).Max();
        if (Revision(current) < newest)
        {
            current.Metadata.Ensure("annotations")[RevisionAnnotation] = (newest + 1).ToString(CultureInfo.InvariantCulture);
            current = await writer.UpdateAsync(ResourceRequest.Internal(Name, KindTable.ReplicaSet, current.Namespace, current.Name, cancellation), current);
        }
        return await ScaleAsync(deployment, current, replicas, cancellation);
    }

    private async Task<KubeObject> ScaleAsync(KubeObject deployment, KubeObject set, int replicas, CancellationToken cancellation)
    {
        var before = Replicas(set);
        if (before == replicas)
            return set;
        set.Root.Ensure("spec")["replicas"] = (long)replicas;
        set.Metadata.Ensure("annotations")["deployment.kubernetes.io/desired-replicas"] = RollingUpdate.Wanted(deployment).ToString(CultureInfo.InvariantCulture);
        set.Metadata.Remove("resourceVersion");
        var scaled = await writer.UpdateAsync(ResourceRequest.Internal(Name, KindTable.ReplicaSet, set.Namespace, set.Name, cancellation), set);
        await events.NormalAsync(Name, deployment, "ScalingReplicaSet",
            $"Scaled {(replicas > before ? "up" : "down")} replica set {set.Name} from {before} to {replicas}", cancellation);
        return scaled;
    }

    private async Task CleanUpAsync(KubeObject deployment, List<KubeObject> sets, KubeObject current, CancellationToken cancellation)
    {
        var keep = (int)(deployment.Root.NumberAt("spec.revisionHistoryLimit") ?? 10);
        var idle = sets.Where(set => set.Uid != current.Uid && Replicas(set) == 0 && (set.Root.NumberAt("status.replicas") ?? 0) == 0).OrderBy(Revision).ToList();
        foreach (var set in idle.Take(Math.Max(0, idle.Count - keep)))
            await removal.DeleteAsync(ResourceRequest.Internal(Name, KindTable.ReplicaSet, set.Namespace, set.Name, cancellation), new DeleteOptions { Uid = set.Uid });
    }

    private async Task<TimeSpan?> WriteStatusAsync(ResourceKey key, string hash, CancellationToken cancellation)
    {
        if (store.State.Find(key) is not { IsBeingDeleted: false } stored)
            return null;
        var deployment = stored.Read();
        var sets = Owners.OwnedBy(store.State, KindTable.ReplicaSet, deployment);
        var current = sets.FirstOrDefault(set => set.Labels.GetValueOrDefault(HashLabel) == hash);
        var (status, again) = DeploymentStatus.Of(deployment, sets, current, time.GetUtcNow());
        var revision = current is null ? "" : current.Annotations.GetValueOrDefault(RevisionAnnotation, "");
        if (revision.Length > 0 && deployment.Annotations.GetValueOrDefault(RevisionAnnotation) != revision)
        {
            deployment.Metadata.Ensure("annotations")[RevisionAnnotation] = revision;
            deployment = await writer.UpdateAsync(ResourceRequest.Internal(Name, key.Kind, key.Namespace, key.Name, cancellation), deployment);
        }
        if (!JsonNode.DeepEquals(deployment.Root["status"], status))
        {
            deployment.Root["status"] = status;
            await writer.UpdateAsync(ResourceRequest.Internal(Name, key.Kind, key.Namespace, key.Name, cancellation) with { Subresource = "status" }, deployment);
        }
        return again;
    }

    internal static string TemplateHash(KubeObject deployment) => Fnv.SafeName(deployment.Root.At("spec.template")?.ToJsonString(JsonText.Relaxed) ?? "");

    internal static int Replicas(KubeObject set) => (int)(set.Root.NumberAt("spec.replicas") ?? 0);

    private static int Available(KubeObject set) => (int)(set.Root.NumberAt("status.availableReplicas") ?? 0);

    private static long Revision(KubeObject set) =>
        long.TryParse(set.Annotations.GetValueOrDefault(RevisionAnnotation), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    private static JsonObject Inherited(KubeObject deployment)
    {
        var annotations = new JsonObject();
        foreach (var (name, value) in deployment.Annotations)
        {
            if (name != "kubectl.kubernetes.io/last-applied-configuration" && !name.StartsWith("deployment.kubernetes.io/", StringComparison.Ordinal))
                annotations[name] = value;
        }
        return annotations;
    }
}
