using System.Collections.Concurrent;

namespace Fairlead.ControlPlane.Translate;

/// <summary>
/// Translated resources by their declared input, across snapshots and proxies. An input that comes back, however it was arrived at, is not
/// translated again. Entries that the last few snapshots did not use are dropped when there are too many.
/// </summary>
internal sealed class ResourceCache(int limit)
{
    private readonly ConcurrentDictionary<object, Entry> entries = new();
    private readonly Lock sweeping = new();
    private long now;

    public int Count => entries.Count;

    /// <summary>Translations that were really made, for tests and metrics.</summary>
    public long Built => Interlocked.Read(ref built);

    private long built;

    /// <summary>A new snapshot is being translated.</summary>
    public void NextGeneration()
    {
        Interlocked.Increment(ref now);
        if (entries.Count <= limit)
            return;
        lock (sweeping)
        {
            var oldest = Interlocked.Read(ref now) - 1;
            foreach (var (key, entry) in entries)
            {
                if (Interlocked.Read(ref entry.LastUsed) < oldest)
                    entries.TryRemove(key, out _);
            }
        }
    }

    public XdsResource Get<TInput>(TInput input, Func<TInput, XdsResource> build) where TInput : class
    {
        var entry = entries.GetOrAdd(input, static key => new Entry());
        Interlocked.Exchange(ref entry.LastUsed, Interlocked.Read(ref now));
        if (entry.Resource is { } made)
            return made;
        lock (entry)
        {
            if (entry.Resource is { } raced)
                return raced;
            Interlocked.Increment(ref built);
            return entry.Resource = build(input);
        }
    }

    private sealed class Entry
    {
        public long LastUsed;
        public volatile XdsResource? Resource;
    }
}
