using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Watch;

/// <summary>
/// The last changes, in order, and who waits for more. A watch may start at any revision that the window still reaches;
/// before it, the client is told 410 and lists again.
/// </summary>
public sealed class ChangeHistory(long startRevision)
{
    /// <summary>Changes kept for late watchers: some minutes of a busy machine.</summary>
    public const int EventLimit = 8192;

    /// <summary>Bytes of objects kept by the window (64 MiB): large objects shorten it before memory grows.</summary>
    public const long ByteLimit = 64L << 20;

    private readonly Lock gate = new();
    private readonly Queue<StoreEvent> window = new();
    private readonly Dictionary<KindDescriptor, List<Watcher>> watchers = new(ReferenceEqualityComparer.Instance);
    private long oldest = startRevision;
    private long latest = startRevision;
    private long bytes;

    /// <summary>
    /// A watcher of one kind that first receives every change after <paramref name="afterRevision"/>;
    /// null when the window no longer reaches back that far.
    /// </summary>
    public Watcher? Subscribe(KindDescriptor kind, long afterRevision)
    {
        lock (gate)
        {
            if (afterRevision < oldest)
                return null;
            var watcher = new Watcher(this, kind, afterRevision);
            foreach (var change in window)
            {
                if (ReferenceEquals(change.Object.Key.Kind, kind))
                    watcher.Offer(change);
            }
            if (!watchers.TryGetValue(kind, out var list))
                watchers[kind] = list = [];
            list.Add(watcher);
            return watcher;
        }
    }

    /// <summary>The revision below which watches cannot start, and the latest one.</summary>
    public (long Oldest, long Latest) Range
    {
        get
        {
            lock (gate)
                return (oldest, latest);
        }
    }

    internal void Publish(IReadOnlyList<StoreEvent> events, long revision)
    {
        lock (gate)
        {
            foreach (var change in events)
            {
                window.Enqueue(change);
                bytes += change.Object.Body.Length;
                if (watchers.TryGetValue(change.Object.Key.Kind, out var list))
                    list.RemoveAll(watcher => !watcher.Offer(change));
            }
            latest = revision;
            while (window.Count > EventLimit || (bytes > ByteLimit && window.Count > 1))
            {
                var dropped = window.Dequeue();
                bytes -= dropped.Object.Body.Length;
                oldest = dropped.Revision;
            }
        }
    }

    internal void Remove(Watcher watcher)
    {
        lock (gate)
        {
            if (watchers.TryGetValue(watcher.Kind, out var list))
                list.Remove(watcher);
        }
    }
}
