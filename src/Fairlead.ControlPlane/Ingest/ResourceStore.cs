using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;

namespace Fairlead.ControlPlane.Ingest;

/// <summary>
/// The watched resources, written by one caller (the ingest loop) and read by any as immutable <see cref="ResourceView"/>s.
/// </summary>
public sealed class ResourceStore(IReadOnlyCollection<KindDescriptor> kinds)
{
    private readonly HashSet<KindDescriptor> unsynced = [.. kinds];
    private volatile ResourceView view = ResourceView.Empty;

    public ResourceView View => view;

    /// <summary>Everything that existed when we began is in <see cref="View"/>.</summary>
    public bool IsSynced { get; private set; } = kinds.Count == 0;

    /// <summary>Takes one change in; false when nothing that matters changed. One caller at a time.</summary>
    public bool Apply(ResourceChange change)
    {
        if (change.Type == ChangeType.Synced)
        {
            unsynced.Remove(change.Kind);
            IsSynced = unsynced.Count == 0;
            return false;
        }
        var before = view;
        if (change.Object is not { } target)
            return false;
        if (change.Type == ChangeType.Deleted)
        {
            view = before.Without(change.Kind, ResourceKey.Of(target));
            return view != before;
        }
        var relevant = RelevantContent.Of(change.Kind, target);
        if (before.Find(change.Kind, target.Namespace, target.Name) is { } stored && JsonNode.DeepEquals(stored.Root, relevant.Root))
            return false;
        view = before.With(change.Kind, relevant);
        return true;
    }
}
