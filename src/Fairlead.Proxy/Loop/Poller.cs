namespace Fairlead.Proxy.Loop;

/// <summary>
/// Where a loop learns which channels are ready: epoll in production, a scripted network in simulations.
/// </summary>
internal abstract class Poller
{
    /// <summary>Number of events that are being delivered together; 0 outside of <see cref="Poll"/>.</summary>
    public int Delivering { get; protected set; }

    /// <summary>
    /// Delivers what is ready, waiting at most <paramref name="timeoutMilliseconds"/> (0 = do not wait, -1 = without limit).
    /// Returns the number of events delivered.
    /// </summary>
    public abstract int Poll(int timeoutMilliseconds);

    /// <summary>Lets events gather: nothing is delivered, and nothing but the time ends it.</summary>
    public abstract void Pause(int microseconds);

    /// <summary>Ends a <see cref="Poll"/> in progress. Called from any thread.</summary>
    public abstract void Wake();

    public abstract void Close();
}
