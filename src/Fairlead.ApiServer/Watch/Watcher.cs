using System.Threading.Channels;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Watch;

/// <summary>
/// One subscription. Its queue is bounded: a reader that falls behind by more than the limit is cut, its reader sees
/// <see cref="WasCut"/> and tells the client 410, and memory does not grow with slow clients.
/// </summary>
public sealed class Watcher : IDisposable
{
    /// <summary>Changes that may wait for one reader; it must cover the window, which is offered at once on subscribing.</summary>
    public const int QueueLimit = ChangeHistory.EventLimit + 1024;

    private readonly ChangeHistory history;
    private readonly Channel<StoreEvent> queue = Channel.CreateBounded<StoreEvent>(
        new BoundedChannelOptions(QueueLimit) { SingleReader = true, SingleWriter = true });

    internal Watcher(ChangeHistory history, KindDescriptor kind)
    {
        this.history = history;
        Kind = kind;
    }

    public KindDescriptor Kind { get; }

    public ChannelReader<StoreEvent> Reader => queue.Reader;

    /// <summary>The queue overflowed and no further change will come.</summary>
    public bool WasCut { get; private set; }

    public void Dispose() => history.Remove(this);

    /// <summary>Called under the history's lock: false when the watcher is cut.</summary>
    internal bool Offer(StoreEvent change)
    {
        if (WasCut)
            return false;
        if (queue.Writer.TryWrite(change))
            return true;
        WasCut = true;
        queue.Writer.TryComplete();
        return false;
    }
}
