namespace Fairlead.ControlPlane.Serve;

/// <summary>
/// When to push: the first change after quiet at once; changes that follow closely are gathered until they pause, but never longer than a limit.
/// Times are timestamps of one clock, so that tests decide them.
/// </summary>
public sealed class Debounce
{
    /// <summary>A burst is over when nothing has changed for this long (istiod's PILOT_DEBOUNCE_AFTER).</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    /// <summary>A burst is pushed after this long even when it goes on (PILOT_DEBOUNCE_MAX).</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>As <see cref="Quiet"/>, while only endpoints changed: traffic goes to dead addresses meanwhile.</summary>
    public static readonly TimeSpan EndpointQuiet = TimeSpan.FromMilliseconds(10);

    /// <summary>As <see cref="Longest"/>, while only endpoints changed.</summary>
    public static readonly TimeSpan EndpointLongest = TimeSpan.FromMilliseconds(100);

    private TimeSpan? lastChange;
    private TimeSpan? burstBegan;
    private TimeSpan due;
    private bool endpointsOnly = true;

    /// <summary>Something changed at <paramref name="now"/> that proxies have not been told.</summary>
    public void Changed(TimeSpan now, bool endpoint)
    {
        var afterQuiet = lastChange is not { } last || now - last >= Quiet;
        lastChange = now;
        endpointsOnly &= endpoint;
        if (burstBegan is null)
        {
            burstBegan = now;
            due = afterQuiet ? now : now + (endpointsOnly ? EndpointQuiet : Quiet);
            return;
        }
        // Gathering: what was due at once stays due at once.
        if (due <= now)
            return;
        var (quiet, longest) = endpointsOnly ? (EndpointQuiet, EndpointLongest) : (Quiet, Longest);
        var latest = burstBegan.Value + longest;
        due = now + quiet < latest ? now + quiet : latest;
    }

    /// <summary>How long to wait until pushing; zero: now; null: nothing to push.</summary>
    public TimeSpan? Wait(TimeSpan now) => burstBegan is null ? null : due > now ? due - now : TimeSpan.Zero;

    /// <summary>Everything that changed so far is being pushed.</summary>
    public void Pushed()
    {
        burstBegan = null;
        endpointsOnly = true;
    }
}
