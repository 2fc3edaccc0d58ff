using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Watch;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Controllers;

/// <summary>
/// A living namespace gets its default service account and the cluster's CA; a dying one loses everything in it, then itself.
/// </summary>
internal sealed class NamespaceController(ObjectStore store, ResourceWriter writer, ResourceRemoval removal, string authorityPem) : IController
{
    public const string AuthorityMap = "kube-root-ca.crt";
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    public string Name => "namespace-controller";
    public IReadOnlyList<KindDescriptor> Watched { get; } = [KindTable.Namespace, KindTable.ServiceAccount, KindTable.ConfigMap];

    public IEnumerable<ResourceKey> Touched(StoreEvent change)
    {
        var key = change.Object.Key;
        if (key.Kind == KindTable.Namespace)
            yield return key;
        else if (change.Type == ChangeType.Deleted && key.Name is "default" or AuthorityMap)
            yield return new ResourceKey(KindTable.Namespace, "", key.Namespace);
    }

    public async Task<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellation)
    {
        if (store.State.Find(key) is not { } stored)
            return null;
        if (stored.IsBeingDeleted)
            return await EmptyAsync(stored.Read(), cancellation);
        await EnsureAsync(KindTable.ServiceAccount, key.Name, "default", [], cancellation);
        await EnsureAsync(KindTable.ConfigMap, key.Name, AuthorityMap, new JsonObject { ["data"] = new JsonObject { ["ca.crt"] = authorityPem } }, cancellation);
        return null;
    }

    private async Task EnsureAsync(KindDescriptor kind, string @namespace, string name, JsonObject body, CancellationToken cancellation)
    {
        var request = ResourceRequest.Internal(Name, kind, @namespace, name, cancellation);
        if (store.State.Find(request.Key) is not null)
            return;
        body["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace };
        await writer.CreateAsync(request, new KubeObject(body));
    }

    private async Task<TimeSpan?> EmptyAsync(KubeObject dying, CancellationToken cancellation)
    {
        var left = 0;
        foreach (var kind in KindTable.All.Where(kind => kind.Namespaced))
        {
            foreach (var stored in store.State.In(kind, dying.Name).ToList())
            {
                left++;
                if (stored.IsBeingDeleted)
                    continue;
                await removal.DeleteAsync(ResourceRequest.Internal(Name, kind, dying.Name, stored.Key.Name, cancellation), new DeleteOptions());
            }
        }
        if (left > 0 && KindTable.All.Where(kind => kind.Namespaced).Any(kind => store.State.In(kind, dying.Name).Any()))
            return LookAgain;
        if (store.State.Find(new ResourceKey(KindTable.Namespace, "", dying.Name)) is not { } current)
            return null;
        var next = current.Read();
        next.Root.Ensure("spec")["finalizers"] = new JsonArray();
        await writer.UpdateAsync(ResourceRequest.Internal(Name, KindTable.Namespace, "", dying.Name, cancellation), next);
        return null;
    }
}
