namespace Fairlead.ControlPlane.Serve;

/// <summary>
/// Gives memory back when nothing has changed for a while. A push of all proxies leaves some hundred megabytes behind that the runtime would keep until it needs
/// them itself; a collection that returns them stops everything for some tenths of a second, so it waits for a quiet moment and comes at most once a minute.
/// </summary>
internal sealed class QuietCollection(DiscoveryHub hub, TimeProvider time)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    /// <summary>Bytes allocated since the last time that make another worth it.</summary>
    private const long WorthIt = 64 << 20;

    public async Task RunAsync(CancellationToken cancel)
    {
        var collected = 0L;
        while (true)
        {
            await Task.Delay(Quiet, time, cancel).ConfigureAwait(false);
            if (GC.GetTotalAllocatedBytes() - collected < WorthIt || !IsQuiet())
                continue;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            collected = GC.GetTotalAllocatedBytes();
            await Task.Delay(Rest, time, cancel).ConfigureAwait(false);
        }
    }

    private bool IsQuiet() => hub.Current is { } current && time.GetElapsedTime(current.MadeAt) >= Quiet;
}
