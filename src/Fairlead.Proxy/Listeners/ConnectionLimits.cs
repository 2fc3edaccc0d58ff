using System.Collections.Concurrent;

namespace Fairlead.Proxy.Listeners;

/// <summary>Connections at once, over all workers: per listener where it sets a limit, and over the process.</summary>
/// <param name="globalLimit">global_downstream_max_connections; null = none.</param>
internal sealed class ConnectionLimits(long? globalLimit)
{
    private readonly ConcurrentDictionary<string, Counter> _byListener = new(StringComparer.Ordinal);
    private long _total;

    public long Total => Interlocked.Read(ref _total);

    public enum Verdict
    {
        Admitted,
        ListenerFull,
        ProcessFull,
    }

    public Verdict TryAdd(string listener, long? limit)
    {
        if (Interlocked.Increment(ref _total) > globalLimit)
        {
            Interlocked.Decrement(ref _total);
            return Verdict.ProcessFull;
        }
        var counter = _byListener.GetOrAdd(listener, static _ => new Counter());
        if (Interlocked.Increment(ref counter.Value) <= (limit ?? long.MaxValue)) return Verdict.Admitted;
        Interlocked.Decrement(ref counter.Value);
        Interlocked.Decrement(ref _total);
        return Verdict.ListenerFull;
    }

    public void Remove(string listener)
    {
        var left = Interlocked.Decrement(ref _byListener[listener].Value);
        var total = Interlocked.Decrement(ref _total);
        if (left < 0 || total < 0) throw new InvalidOperationException($"listener {listener}: more connections closed than accepted");
    }

    private sealed class Counter
    {
        public long Value;
    }
}
