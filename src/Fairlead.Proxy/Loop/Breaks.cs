namespace Fairlead.Proxy.Loop;

/// <summary>
/// Breaks in long work of the main thread. Where a pod has one CPU it is the workers', and the scheduler would let the main thread have it
/// for milliseconds at a stretch, which every request under way would wait for (docs/decisions/0106).
/// </summary>
/// <param name="every">Pieces of work between two breaks: some hundred microseconds' worth.</param>
internal struct Breaks(int every)
{
    private const int Nanoseconds = 300_000; // enough for a worker to be let in and to serve what is ready

    private int _count;

    /// <summary>One more piece of work is done.</summary>
    public unsafe void Count()
    {
        if (++_count % every != 0) return;
        var time = new Libc.TimeSpec { Nanoseconds = Nanoseconds };
        // Interrupted by a signal it was a shorter one.
        _ = Libc.Sleep(&time, null);
    }
}
