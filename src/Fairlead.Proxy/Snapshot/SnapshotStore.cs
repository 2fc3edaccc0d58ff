namespace Fairlead.Proxy.Snapshot;

/// <summary>
/// Holds the current snapshot. One writer (the main thread) publishes; any thread reads <see cref="Current"/>.
/// Subscribers are told on the publishing thread and post to their own loop.
/// </summary>
internal sealed class SnapshotStore
{
    private readonly Lock _gate = new();
    private volatile ProxySnapshot _current = ProxySnapshot.Empty;
    private Action<ProxySnapshot>[] _subscribers = [];

    public ProxySnapshot Current => _current;

    /// <summary>Registers for later snapshots and returns the current one, with no snapshot lost between the two.</summary>
    public ProxySnapshot Subscribe(Action<ProxySnapshot> onPublished)
    {
        lock (_gate)
        {
            _subscribers = [.. _subscribers, onPublished];
            return _current;
        }
    }

    public void Publish(ProxySnapshot next)
    {
        lock (_gate)
        {
            _current = next;
            foreach (var subscriber in _subscribers) subscriber(next);
        }
    }
}
