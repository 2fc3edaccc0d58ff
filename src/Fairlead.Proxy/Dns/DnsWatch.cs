namespace Fairlead.Proxy.Dns;

/// <summary>
/// Keeps one name resolved: asks again at the pace of its TTL or refresh rate, backs off on failure (doubling, capped), keeps
/// the last good answer meanwhile. Reports every outcome; ends when cancelled.
/// </summary>
internal sealed class DnsWatch(DnsResolver resolver, TimeProvider time, Random random)
{
    private static readonly TimeSpan ShortestRefresh = TimeSpan.FromSeconds(1); // a TTL below it would make a busy loop

    /// <param name="name">What to resolve.</param>
    /// <param name="pace">How often.</param>
    /// <param name="report">Called after every attempt.</param>
    /// <param name="cancellation">Ends the watch.</param>
    public async Task RunAsync(string name, Pace pace, Action<DnsAnswer> report, CancellationToken cancellation)
    {
        var failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            var answer = await resolver.ResolveAsync(name, pace.Family, cancellation).ConfigureAwait(false);
            report(answer);
            failures = answer.Status == DnsAnswer.Outcome.Resolved ? 0 : failures + 1;
            await Task.Delay(Next(answer, failures, pace), time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>When to ask again.</summary>
    public TimeSpan Next(DnsAnswer answer, int failures, Pace pace)
    {
        TimeSpan wait;
        if (failures > 0)
        {
            var factor = Math.Min(1L << Math.Min(failures - 1, 30), int.MaxValue);
            wait = TimeSpan.FromTicks(Math.Min(pace.FailureMax.Ticks, (long)Math.Min(pace.FailureBase.Ticks * (double)factor, long.MaxValue / 2)));
        }
        else
        {
            wait = pace.RespectTtl && answer.TimeToLive > TimeSpan.Zero ? answer.TimeToLive : pace.RefreshRate;
        }
        if (pace.Jitter > TimeSpan.Zero) wait += TimeSpan.FromTicks(random.NextInt64(pace.Jitter.Ticks));
        return wait < ShortestRefresh ? ShortestRefresh : wait > Pace.Longest ? Pace.Longest : wait;
    }

    /// <param name="Family">Address families.</param>
    /// <param name="RefreshRate">Between resolutions.</param>
    /// <param name="RespectTtl">Use the TTL instead.</param>
    /// <param name="FailureBase">After the first failure.</param>
    /// <param name="FailureMax">At most.</param>
    /// <param name="Jitter">Added at random.</param>
    internal sealed record Pace(
        LookupFamily Family, TimeSpan RefreshRate, bool RespectTtl, TimeSpan FailureBase, TimeSpan FailureMax, TimeSpan Jitter)
    {
        /// <summary>Even an everlasting answer (an IP literal, a TTL of years) is asked for again.</summary>
        public static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    }
}
