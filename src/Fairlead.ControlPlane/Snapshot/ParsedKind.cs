using System.Collections.Immutable;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Ingest;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// The objects of one kind, read into <typeparamref name="T"/>. An object that did not change is not read again, and one whose
/// meaning did not change keeps its record; when all did, <see cref="Items"/> is the same list as before.
/// </summary>
internal sealed class ParsedKind<T> where T : class
{
    private readonly ImmutableSortedDictionary<ResourceKey, KubeObject> objects;
    private readonly Dictionary<ResourceKey, (KubeObject Source, T Parsed)> parsed;

    private ParsedKind(
        ImmutableSortedDictionary<ResourceKey, KubeObject> objects,
        Dictionary<ResourceKey, (KubeObject Source, T Parsed)> parsed,
        ValueList<T> items)
    {
        this.objects = objects;
        this.parsed = parsed;
        Items = items;
    }

    /// <summary>In the order of <see cref="ResourceKey"/>.</summary>
    public ValueList<T> Items { get; }

    public static ParsedKind<T> Read(KindResources resources, ParsedKind<T>? previous, Func<KubeObject, T> read)
    {
        if (previous is not null && ReferenceEquals(previous.objects, resources.Objects))
            return previous;
        var parsed = new Dictionary<ResourceKey, (KubeObject, T)>(resources.Objects.Count);
        var items = new List<T>(resources.Objects.Count);
        foreach (var (key, source) in resources.Objects)
        {
            T item;
            if (previous is not null && previous.parsed.TryGetValue(key, out var before))
            {
                item = ReferenceEquals(before.Source, source) ? before.Parsed : read(source);
                if (item.Equals(before.Parsed))
                    item = before.Parsed;
            }
            else
            {
                item = read(source);
            }

            parsed.Add(key, (source, item));
            items.Add(item);
        }

        var same = previous is not null
            && previous.Items.Count == items.Count
            && previous.Items.Zip(items).All(pair => ReferenceEquals(pair.First, pair.Second));
        return new ParsedKind<T>(resources.Objects, parsed, same ? previous!.Items : items.ToValueList());
    }
}
