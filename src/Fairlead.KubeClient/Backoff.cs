namespace Fairlead.KubeClient;

/// <summary>
/// How long to wait after a failure: doubling from <paramref name="first"/> to <paramref name="longest"/>, each time between half and the whole of that
/// (so that many clients of one restarted server do not return together). One user at a time.
/// </summary>
public sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private int doublings;

    public TimeSpan Next()
    {
        var whole = first * Math.Pow(2, doublings);
        if (whole < longest)
            doublings++;
        else
            whole = longest;
        return whole * (0.5 + random.NextDouble() / 2);
    }

    /// <summary>The last attempt succeeded.</summary>
    public void Reset() => doublings = 0;
}
