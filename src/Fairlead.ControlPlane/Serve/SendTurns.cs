namespace Fairlead.ControlPlane.Serve;

/// <summary>
/// Proxies that are written to at once. Each fills buffers of some tens of kilobytes; more of them would not be done any sooner, as all are written by the same cores.
/// One that does not take what it is sent loses its turn, and goes on without.
/// </summary>
internal sealed class SendTurns : IDisposable
{
    /// <summary>Turns at once.</summary>
    internal const int Limit = 64;

    /// <summary>A proxy that took nothing between two looks loses its turn.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim free = new(Limit);
    private readonly Lock gate = new();
    private readonly HashSet<Turn> taken = [];
    private readonly ITimer look;

    public SendTurns(TimeProvider time) => look = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Waits for a turn; dispose it to end it.</summary>
    public async ValueTask<Turn> EnterAsync(CancellationToken cancel)
    {
        await free.WaitAsync(cancel).ConfigureAwait(false);
        var turn = new Turn(this);
        lock (gate)
        {
            taken.Add(turn);
            if (taken.Count == 1)
                look.Change(Patience, Patience);
        }
        return turn;
    }

    public void Dispose()
    {
        look.Dispose();
        free.Dispose();
    }

    private void Look()
    {
        lock (gate)
        {
            foreach (var idle in taken.Where(turn => !turn.TookSome()).ToArray())
                End(idle);
            if (taken.Count == 0)
                look.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void End(Turn turn)
    {
        lock (gate)
        {
            if (taken.Remove(turn))
                free.Release();
        }
    }

    internal sealed class Turn(SendTurns turns) : IDisposable
    {
        private volatile bool took = true;

        /// <summary>The proxy has taken some of what it is sent.</summary>
        public void Took() => took = true;

        public void Dispose() => turns.End(this);

        /// <summary>Whether it took anything since this was asked last.</summary>
        internal bool TookSome()
        {
            var some = took;
            took = false;
            return some;
        }
    }
}
