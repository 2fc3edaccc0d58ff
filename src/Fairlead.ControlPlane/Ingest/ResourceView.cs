using System.Collections.Immutable;
using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Ingest;

/// <summary>
/// Every watched resource at one moment: immutable, safe to read from any thread, comparable kind by kind by version. Objects carry neither
/// managedFields nor resourceVersion, and no status except where it is input (<see cref="RelevantContent"/>).
/// </summary>
public sealed class ResourceView
{
    private readonly ImmutableDictionary<KindDescriptor, KindResources> kinds;

    private ResourceView(long version, ImmutableDictionary<KindDescriptor, KindResources> kinds)
    {
        Version = version;
        this.kinds = kinds;
    }

    public static ResourceView Empty { get; } = new(0, ImmutableDictionary.Create<KindDescriptor, KindResources>(ReferenceEqualityComparer.Instance));

    /// <summary>Counts the changes that mattered since the process began.</summary>
    public long Version { get; }

    public KindResources Kind(KindDescriptor kind) => kinds.GetValueOrDefault(kind, KindResources.Empty);

    public IEnumerable<KubeObject> All(KindDescriptor kind) => Kind(kind).Objects.Values;

    public KubeObject? Find(KindDescriptor kind, string ns, string name) => Kind(kind).Objects.GetValueOrDefault(new ResourceKey(ns, name));

    /// <summary>The view with one object put in or replaced.</summary>
    public ResourceView With(KindDescriptor kind, KubeObject target) => Next(kind, Kind(kind).Objects.SetItem(ResourceKey.Of(target), target));

    /// <summary>The view without one object; this view itself when it was not there.</summary>
    public ResourceView Without(KindDescriptor kind, ResourceKey key) =>
        Kind(kind).Objects is var objects && objects.ContainsKey(key) ? Next(kind, objects.Remove(key)) : this;

    /// <summary>A view of these objects, as after ingesting them in any order.</summary>
    public static ResourceView Of(IEnumerable<KubeObject> objects)
    {
        var view = Empty;
        foreach (var target in objects)
        {
            if (KindTable.Find(target) is { } kind)
                view = view.With(kind, RelevantContent.Of(kind, target));
        }
        return view;
    }

    private ResourceView Next(KindDescriptor kind, ImmutableSortedDictionary<ResourceKey, KubeObject> objects) =>
        new(Version + 1, kinds.SetItem(kind, new KindResources(Version + 1, objects)));
}
