namespace Fairlead.Proxy.Tests.Simulation;

/// <summary>Time that stands still until the network moves it.</summary>
internal sealed class SimClock : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public long Now => _ticks;

    public void AdvanceTo(long ticks) => _ticks = Math.Max(_ticks, ticks);

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(_ticks);
}
