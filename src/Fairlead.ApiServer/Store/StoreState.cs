using System.Collections.Immutable;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Store;

/// <summary>Everything that is stored, at one revision. Replaced as a whole after each commit; readers take it once.</summary>
public sealed class StoreState(long revision, ImmutableDictionary<KindDescriptor, ImmutableSortedDictionary<string, StoredObject>> kinds)
{
    private static readonly ImmutableSortedDictionary<string, StoredObject> None =
        ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    public static StoreState Empty { get; } =
        new(0, ImmutableDictionary.Create<KindDescriptor, ImmutableSortedDictionary<string, StoredObject>>(ReferenceEqualityComparer.Instance));

    public long Revision { get; } = revision;

    /// <summary>The objects of a kind by their <see cref="ResourceKey.Path"/>, in ordinal order.</summary>
    public ImmutableSortedDictionary<string, StoredObject> Of(KindDescriptor kind) => kinds.GetValueOrDefault(kind) ?? None;

    public StoredObject? Find(ResourceKey key) => Of(key.Kind).GetValueOrDefault(key.Path);

    /// <summary>The objects of a kind in one namespace; every namespace when it is empty.</summary>
    public IEnumerable<StoredObject> In(KindDescriptor kind, string @namespace)
    {
        var all = Of(kind).Values;
        return @namespace.Length == 0 ? all : all.Where(stored => stored.Key.Namespace == @namespace);
    }

    /// <summary>The state after a batch: a null object removes its key.</summary>
    internal StoreState With(long newRevision, IEnumerable<KeyValuePair<ResourceKey, StoredObject?>> changes)
    {
        var next = kinds;
        foreach (var group in changes.GroupBy(change => change.Key.Kind, ReferenceEqualityComparer.Instance))
        {
            var kind = (KindDescriptor)group.Key!;
            var builder = (next.GetValueOrDefault(kind) ?? None).ToBuilder();
            foreach (var (key, stored) in group)
            {
                if (stored is null)
                    builder.Remove(key.Path);
                else
                    builder[key.Path] = stored;
            }
            next = next.SetItem(kind, builder.ToImmutable());
        }
        return new StoreState(newRevision, next);
    }
}
