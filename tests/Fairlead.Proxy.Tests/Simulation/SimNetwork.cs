using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Tests.Simulation;

/// <summary>What will happen and when. The loop's poller: a poll delivers what is due and, where it may wait, moves the clock to what comes next.</summary>
internal sealed class SimNetwork(SimClock clock, Random random) : Poller
{
    private const int EventsPerPoll = 64;

    private readonly PriorityQueue<Action, (long Due, long Order)> _events = new();
    private long _order;

    public SimClock Clock => clock;

    public Random Random => random;

    /// <summary>Nothing stalls in such a world, so no request may run into a timeout.</summary>
    public bool IsCalm { get; } = random.Next(3) == 0;

    public bool IsQuiet => _events.Count == 0;

    public void At(long ticks, Action happening) => _events.Enqueue(happening, (Math.Max(ticks, clock.Now), _order++));

    public void After(TimeSpan delay, Action happening) => At(clock.Now + delay.Ticks, happening);

    /// <summary>Mostly some hundred microseconds, now and then a stall.</summary>
    public TimeSpan Latency() => !IsCalm && random.Next(40) == 0 ? Milliseconds(400) : TimeSpan.FromMicroseconds(random.Next(20, 900));

    public TimeSpan Milliseconds(int most) => TimeSpan.FromMicroseconds(random.Next(most * 1000));

    public override int Poll(int timeoutMilliseconds)
    {
        var delivered = Deliver();
        if (delivered > 0 || timeoutMilliseconds == 0) return delivered;
        var until = clock.Now + (timeoutMilliseconds * TimeSpan.TicksPerMillisecond);
        clock.AdvanceTo(_events.TryPeek(out _, out var next) ? Math.Min(next.Due, until) : until);
        return Deliver();
    }

    public override void Pause(int microseconds) => clock.AdvanceTo(clock.Now + (microseconds * TimeSpan.TicksPerMicrosecond));

    public override void Wake()
    {
        // One thread: nobody waits.
    }

    public override void Close() => _events.Clear();

    private int Deliver()
    {
        var delivered = 0;
        Delivering = random.Next(2) == 0 ? 1 : EventsPerPoll; // what is sent waits for the other events, or does not
        while (delivered < EventsPerPoll && _events.TryPeek(out _, out var next) && next.Due <= clock.Now)
        {
            delivered++;
            _events.Dequeue()();
        }
        Delivering = 0;
        return delivered;
    }
}
