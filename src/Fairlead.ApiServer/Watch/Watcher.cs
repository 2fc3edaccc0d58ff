using System.Threading.Channels;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Watch;

/// <summary>
/// One subscription to the changes after a revision. Its queue is bounded: a reader that falls behind by more than the limit is
/// cut. What waited is dropped, the reader sees <see cref="WasCut"/> and tells the client 410; memory does not grow with slow clients.
/// </summary>
public sealed class Watcher : IDisposable
{
    /// <summary>Changes that may wait for one reader; it must cover the window, which is offered at once on subscribing.</summary>
    public const int QueueLimit = ChangeHistory.EventLimit + 1024;

    private readonly ChangeHistory history;
    private readonly long after;
    private bool wasCut;
    private readonly Channel<StoreEvent> queue = Channel.CreateBounded<StoreEvent>(
        new BoundedChannelOptions(QueueLimit) { SingleWriter = true });

    internal Watcher(ChangeHistory history, KindDescriptor kind, long after)
    {
        this.history = history;
        this.after = after;
        Kind = kind;
    }

    public KindDescriptor Kind { get; }

    public ChannelReader<StoreEvent> Reader => queue.Reader;

    /// <summary>The queue overflowed and no further change will come.</summary>
    public bool WasCut => Volatile.Read(ref wasCut);

    /// <summary>Called once, under the history's lock, when the queue overflows; must not wait.</summary>
    public Action? OnCut { get; set; }

    public void Dispose() => history.Remove(this);

    /// <summary>Called under the history's lock: false when the watcher is cut.</summary>
    internal bool Offer(StoreEvent change)
    {
        if (WasCut)
            return false;
        // The state is visible before its changes are published: who read it in between has them already.
        if (change.Revision <= after || queue.Writer.TryWrite(change))
            return true;
        Volatile.Write(ref wasCut, true);
        queue.Writer.TryComplete();
        while (queue.Reader.TryRead(out _))
        {
        }
        OnCut?.Invoke();
        return false;
    }
}
