using System.Collections.Concurrent;

namespace Fairlead.ControlPlane.Translate;

/// <summary>
/// Translated resources by their declared input, across snapshots and proxies: one that is still in use somewhere (a proxy holds it, a snapshot's lists name it) is not
/// translated again, however its input was arrived at. The cache itself keeps nothing alive: a route table can have a megabyte, and each change makes new ones.
/// </summary>
internal sealed class ResourceCache
{
    /// <summary>Translations between two looks for entries whose resource is gone.</summary>
    private const int SweepEvery = 256;

    private readonly ConcurrentDictionary<object, Entry> entries = new();
    private long built;

    public int Count => entries.Count;

    /// <summary>Translations that were really made, for tests and metrics.</summary>
    public long Built => Interlocked.Read(ref built);

    public XdsResource Get<TInput>(TInput input, Func<TInput, XdsResource> build) where TInput : class
    {
        var entry = entries.GetOrAdd(input, static key => new Entry());
        if (entry.Find() is { } known)
            return known;
        XdsResource made;
        lock (entry)
        {
            if (entry.Find() is { } raced)
                return raced;
            made = build(input);
            entry.Keep(made);
        }
        if (Interlocked.Increment(ref built) % SweepEvery == 0)
            Sweep();
        return made;
    }

    /// <summary>Takes out inputs whose resource is gone. An entry that is taken out while another thread fills it costs a translation, no more.</summary>
    public void Sweep()
    {
        foreach (var entry in entries)
        {
            if (entry.Value.IsEmpty)
                entries.TryRemove(entry);
        }
    }

    private sealed class Entry
    {
        private volatile WeakReference<XdsResource>? resource;

        /// <summary>It was filled, and nobody uses it any more.</summary>
        public bool IsEmpty => resource is { } kept && !kept.TryGetTarget(out _);

        public XdsResource? Find() => resource is { } kept && kept.TryGetTarget(out var found) ? found : null;

        public void Keep(XdsResource made) => resource = new WeakReference<XdsResource>(made);
    }
}
