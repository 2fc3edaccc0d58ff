using System.Text.Json.Nodes;
using Fairlead.ApiServer.Admission;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Resources;

/// <summary>
/// Deletes objects: at once, or by marking them when finalizers, a pod's grace or a namespace's content stand before it.
/// Dependents are the garbage collector's business.
/// </summary>
public sealed class ResourceRemoval(ObjectStore store, AdmissionChain admission, TimeProvider time)
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";
    private const long DefaultPodGrace = 30;
    private const int Attempts = 8;

    /// <summary>The object when it lives on for a while, else null: it is gone.</summary>
    public async Task<(KubeObject? Remaining, StoredObject Removed)> DeleteAsync(ResourceRequest request, DeleteOptions options)
    {
        for (var attempt = 1; ; attempt++)
        {
            var stored = store.State.Find(request.Key) ?? throw Refusal.NotFound(request.Kind, request.Name);
            var current = stored.Read();
            CheckPreconditions(request, options, current);
            await admission.ReviewAsync(request, AdmissionOperation.Delete, null, current);
            var next = current.DeepClone();
            var marked = Mark(request.Kind, next, options);
            if (request.DryRun || options.DryRun)
                return (marked ? next : null, stored);
            if (marked && JsonNode.DeepEquals(current.Root, next.Root))
                return (current, stored);
            var result = await store.CommitAsync(new Write(request.Key, stored.Revision, marked ? next : null), request.Cancellation);
            if (result.Outcome == WriteOutcome.Done)
                return (marked ? result.Object!.Read() : null, stored);
            if (attempt == Attempts)
                throw Refusal.Modified(request.Kind, request.Name);
        }
    }

    /// <summary>Whether an object that is being deleted has nothing left to wait for.</summary>
    internal static bool IsFinished(KindDescriptor kind, KubeObject target) =>
        target.IsBeingDeleted
        && target.Metadata["finalizers"] is not JsonArray { Count: > 0 }
        && (kind == KindTable.Namespace
            ? target.Spec?["finalizers"] is not JsonArray { Count: > 0 }
            : (target.Metadata.NumberAt("deletionGracePeriodSeconds") ?? 0) == 0);

    internal async Task<WriteOutcome> FinishAsync(StoredObject stored, KubeObject last, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(last);
        return (await store.CommitAsync(new Write(stored.Key, stored.Revision, null), cancellation)).Outcome;
    }

    private static void CheckPreconditions(ResourceRequest request, DeleteOptions options, KubeObject current)
    {
        if (options.Uid.Length > 0 && options.Uid != current.Uid)
            throw Refusal.Conflict(request.Kind, request.Name, $"the UID in the precondition ({options.Uid}) does not match the UID in record ({current.Uid}). The object might have been deleted and then recreated");
        if (options.ResourceVersion.Length > 0 && options.ResourceVersion != current.ResourceVersion)
            throw Refusal.Conflict(request.Kind, request.Name, $"the ResourceVersion in the precondition ({options.ResourceVersion}) does not match the ResourceVersion in record ({current.ResourceVersion}). The object might have been modified");
    }

    /// <summary>True when the object stays, marked; false when it can go at once.</summary>
    private bool Mark(KindDescriptor kind, KubeObject target, DeleteOptions options)
    {
        var metadata = target.Metadata;
        if (options.Propagation != Propagation.Background)
            AddFinalizer(metadata, options.Propagation == Propagation.Foreground ? ForegroundFinalizer : OrphanFinalizer);
        var grace = kind == KindTable.Pod ? PodGrace(target, options) : 0;
        var contentFirst = kind == KindTable.Namespace && target.Spec?["finalizers"] is JsonArray { Count: > 0 };
        if (grace == 0 && !contentFirst && metadata["finalizers"] is not JsonArray { Count: > 0 })
            return false;
        var had = metadata.NumberAt("deletionGracePeriodSeconds");
        if (!target.IsBeingDeleted || grace < had)
        {
            // A later delete may only shorten the wait.
            metadata["deletionTimestamp"] = JsonPath.Timestamp(time.GetUtcNow().AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
        }
        if (kind == KindTable.Namespace)
            target.Root.Ensure("status")["phase"] = "Terminating";
        return true;
    }

    private static long PodGrace(KubeObject pod, DeleteOptions options)
    {
        var phase = pod.Root.TextAt("status.phase");
        if (pod.Root.TextAt("spec.nodeName").Length == 0 || phase is "Succeeded" or "Failed")
            return 0;
        return Math.Max(0, options.GracePeriodSeconds ?? pod.Root.NumberAt("spec.terminationGracePeriodSeconds") ?? DefaultPodGrace);
    }

    private static void AddFinalizer(JsonObject metadata, string finalizer)
    {
        if (metadata["finalizers"] is not JsonArray finalizers)
            metadata["finalizers"] = finalizers = [];
        if (!finalizers.Any(had => had?.ToString() == finalizer))
            finalizers.Add(finalizer);
    }
}
