namespace Fairlead.EndToEnd;

/// <summary>The system's clock, so many times as fast.</summary>
internal sealed class FastClock(int times) : TimeProvider
{
    private readonly DateTimeOffset began = System.GetUtcNow();
    private readonly long origin = System.GetTimestamp();

    public override long GetTimestamp() => (System.GetTimestamp() - origin) * times;

    public override DateTimeOffset GetUtcNow() => began + (System.GetElapsedTime(origin) * times);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, Real(dueTime), Real(period)), this);

    private TimeSpan Real(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / times;

    private sealed class Timer(ITimer real, FastClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => real.Change(clock.Real(dueTime), clock.Real(period));

        public void Dispose() => real.Dispose();

        public ValueTask DisposeAsync() => real.DisposeAsync();
    }
}
