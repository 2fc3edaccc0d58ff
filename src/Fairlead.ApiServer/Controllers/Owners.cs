using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Controllers;

/// <summary>Controller references between objects.</summary>
internal static class Owners
{
    public static JsonObject Reference(KubeObject owner) => new()
    {
        ["apiVersion"] = owner.ApiVersion,
        ["kind"] = owner.Kind,
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    /// <summary>The reference of the controller of an object, if it has one.</summary>
    public static JsonObject? Controller(KubeObject target) =>
        target.Metadata.ObjectsAt("ownerReferences").FirstOrDefault(owner => owner.FlagAt("controller"));

    /// <summary>Objects of a kind in the owner's namespace that name it as their controller.</summary>
    public static List<KubeObject> OwnedBy(StoreState state, KindDescriptor kind, KubeObject owner) =>
        [.. state.In(kind, owner.Namespace).Where(stored => stored.OwnerUids.Contains(owner.Uid)).Select(stored => stored.Read())
            .Where(target => Controller(target).TextAt("uid") == owner.Uid)];

    /// <summary>The key of the controller of an object, when it is of that kind.</summary>
    public static ResourceKey? Key(StoredObject stored, KindDescriptor kind)
    {
        if (stored.OwnerUids.Count == 0)
            return null;
        var owner = Controller(stored.Read());
        return owner is not null && owner.TextAt("kind") == kind.Kind ? new ResourceKey(kind, stored.Key.Namespace, owner.TextAt("name")) : null;
    }

    public static bool IsReady(KubeObject pod) =>
        !pod.IsBeingDeleted && pod.Root.ObjectsAt("status.conditions").Any(condition => condition.TextAt("type") == "Ready" && condition.TextAt("status") == "True");

    public static bool IsOver(KubeObject pod) => pod.Root.TextAt("status.phase") is "Succeeded" or "Failed";
}
