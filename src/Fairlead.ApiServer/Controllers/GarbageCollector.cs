using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Watch;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Controllers;

/// <summary>
/// Deletes what has lost its last owner; lets foreground deletions wait for their dependents and orphaning ones leave them.
/// Source: Kubernetes documentation, garbage collection.
/// </summary>
internal sealed class GarbageCollector(ObjectStore store, ResourceWriter writer, ResourceRemoval removal) : IController
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    public string Name => "generic-garbage-collector";
    public IReadOnlyList<KindDescriptor> Watched { get; } = KindTable.All;

    public IEnumerable<ResourceKey> Touched(StoreEvent change)
    {
        if (change.Type == ChangeType.Deleted)
            return Dependents(change.Object.Uid).Select(stored => stored.Key).Concat(Parents(change.Object));
        return change.Object.OwnerUids.Count > 0 || change.Object.IsBeingDeleted ? [change.Object.Key] : [];
    }

    public async Task<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellation)
    {
        if (store.State.Find(key) is not { } stored)
            return null;
        if (stored.IsBeingDeleted)
            return await FinishAsync(stored, cancellation);
        if (stored.OwnerUids.Count == 0)
            return null;
        var target = stored.Read();
        var owners = target.Metadata.ObjectsAt("ownerReferences").Select(owner => (Reference: owner, Found: Find(owner, key.Namespace))).ToList();
        if (owners.Any(owner => owner.Found is { IsBeingDeleted: false }))
            return null;
        // An owner that waits for its dependents, or none at all: either way this object goes.
        if (owners.All(owner => owner.Found is null) || owners.Any(owner => Waits(owner.Found)))
        {
            await removal.DeleteAsync(ResourceRequest.Internal(Name, key.Kind, key.Namespace, key.Name, cancellation), new DeleteOptions
            {
                Uid = target.Uid,
                Propagation = owners.Any(owner => Waits(owner.Found)) && Dependents(target.Uid).Any() ? Propagation.Foreground : Propagation.Background,
            });
        }
        return null;
    }

    private async Task<TimeSpan?> FinishAsync(StoredObject stored, CancellationToken cancellation)
    {
        var target = stored.Read();
        var finalizers = target.Metadata["finalizers"] is JsonArray list ? list.Select(item => item!.ToString()).ToList() : [];
        if (finalizers.Contains(ResourceRemoval.OrphanFinalizer))
        {
            foreach (var dependent in Dependents(target.Uid).ToList())
                await OrphanAsync(dependent, target.Uid, cancellation);
            await DropAsync(stored, ResourceRemoval.OrphanFinalizer, cancellation);
            return null;
        }
        if (!finalizers.Contains(ResourceRemoval.ForegroundFinalizer))
            return null;
        var blocking = Dependents(target.Uid).ToList();
        foreach (var dependent in blocking.Where(dependent => !dependent.IsBeingDeleted))
        {
            await removal.DeleteAsync(
                ResourceRequest.Internal(Name, dependent.Key.Kind, dependent.Key.Namespace, dependent.Key.Name, cancellation),
                new DeleteOptions { Uid = dependent.Uid, Propagation = Dependents(dependent.Uid).Any() ? Propagation.Foreground : Propagation.Background });
        }
        if (blocking.Count > 0)
            return LookAgain;
        await DropAsync(stored, ResourceRemoval.ForegroundFinalizer, cancellation);
        return null;
    }

    private async Task DropAsync(StoredObject stored, string finalizer, CancellationToken cancellation)
    {
        var next = store.State.Find(stored.Key)?.Read();
        if (next?.Metadata["finalizers"] is not JsonArray list)
            return;
        next.Metadata["finalizers"] = new JsonArray([.. list.Where(item => item!.ToString() != finalizer).Select(item => item!.DeepClone())]);
        await writer.UpdateAsync(ResourceRequest.Internal(Name, stored.Key.Kind, stored.Key.Namespace, stored.Key.Name, cancellation), next);
    }

    private async Task OrphanAsync(StoredObject dependent, string uid, CancellationToken cancellation)
    {
        var next = dependent.Read();
        next.Metadata["ownerReferences"] = new JsonArray([.. next.Metadata.ObjectsAt("ownerReferences").Where(owner => owner.TextAt("uid") != uid).Select(owner => owner.DeepClone())]);
        await writer.UpdateAsync(ResourceRequest.Internal(Name, dependent.Key.Kind, dependent.Key.Namespace, dependent.Key.Name, cancellation), next);
    }

    private IEnumerable<StoredObject> Dependents(string uid) =>
        KindTable.All.SelectMany(kind => store.State.Of(kind).Values).Where(stored => stored.OwnerUids.Contains(uid));

    /// <summary>Owners that may now be done waiting for this one.</summary>
    private IEnumerable<ResourceKey> Parents(StoredObject gone) => gone.OwnerUids.Count == 0
        ? []
        : KindTable.All.SelectMany(kind => store.State.Of(kind).Values).Where(stored => stored.IsBeingDeleted && gone.OwnerUids.Contains(stored.Uid)).Select(stored => stored.Key);

    private StoredObject? Find(JsonObject owner, string @namespace)
    {
        var version = owner.TextAt("apiVersion");
        var group = version.Contains('/', StringComparison.Ordinal) ? version[..version.IndexOf('/')] : "";
        var kind = KindTable.All.FirstOrDefault(candidate => candidate.Group == group && candidate.Kind == owner.TextAt("kind"));
        if (kind is null)
            return null;
        var found = store.State.Find(new ResourceKey(kind, kind.Namespaced ? @namespace : "", owner.TextAt("name")));
        return found?.Uid == owner.TextAt("uid") ? found : null;
    }

    private static bool Waits(StoredObject? owner) =>
        owner is { IsBeingDeleted: true } && owner.Read().Metadata["finalizers"] is JsonArray list && list.Any(item => item!.ToString() == ResourceRemoval.ForegroundFinalizer);
}
