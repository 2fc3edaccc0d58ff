using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Tests.Loop;

public sealed class TimerWheelTests
{
    [Fact]
    public void Timers_fire_at_their_millisecond_in_order_over_all_levels()
    {
        var wheel = new TimerWheel(0);
        var fired = new List<long>();
        long[] delays = [1, 5, 255, 256, 257, 1000, 65_535, 65_536, 70_000, 16_777_216, 20_000_000];
        foreach (var delay in delays.Reverse()) wheel.Start(new LoopTimer(() => fired.Add(wheel.Now)), 0, delay);

        wheel.Advance(30_000_000);

        fired.ShouldBe(delays);
        wheel.Count.ShouldBe(0);
    }

    [Fact]
    public void A_stopped_timer_does_not_fire_and_a_restarted_one_fires_once()
    {
        var wheel = new TimerWheel(0);
        var first = 0;
        var second = 0;
        var stopped = new LoopTimer(() => first++);
        var restarted = new LoopTimer(() => second++);
        wheel.Start(stopped, 0, 10);
        wheel.Start(restarted, 0, 10);
        wheel.Stop(stopped);
        wheel.Start(restarted, 0, 500);

        wheel.Advance(100);
        second.ShouldBe(0);
        wheel.Advance(1000);

        first.ShouldBe(0);
        second.ShouldBe(1);
    }

    [Fact]
    public void A_timer_may_restart_itself_and_others_while_firing()
    {
        var wheel = new TimerWheel(0);
        var count = 0;
        LoopTimer? timer = null;
        timer = new LoopTimer(() =>
        {
            if (++count < 5) wheel.Start(timer!, wheel.Now, 0);
        });
        wheel.Start(timer, 0, 3);

        wheel.Advance(100);

        count.ShouldBe(5);
    }

    [Fact]
    public void It_agrees_with_a_sorted_list_on_random_schedules()
    {
        var random = new Random(4242);
        var wheel = new TimerWheel(0);
        var expected = new SortedDictionary<(long Deadline, int Id), bool>();
        var fired = new List<(long Deadline, int Id)>();
        var timers = new Dictionary<int, LoopTimer>();
        long now = 0;
        for (var id = 0; id < 3000; id++)
        {
            var delay = random.Next(4) switch { 0 => random.Next(1, 10), 1 => random.Next(1, 1000), 2 => random.Next(1, 100_000), _ => random.Next(1, 20_000_000) };
            var key = (Deadline: now + delay, Id: id);
            var timer = timers[id] = new LoopTimer(() => fired.Add(key));
            wheel.Start(timer, now, delay);
            expected.Add(key, true);
            if (random.Next(5) == 0)
            {
                var victim = random.Next(id + 1);
                foreach (var gone in expected.Keys.Where(entry => entry.Id == victim).ToArray())
                {
                    if (!timers[victim].IsRunning) continue;
                    wheel.Stop(timers[victim]);
                    expected.Remove(gone);
                }
            }
            if (random.Next(3) != 0) continue;
            now += random.Next(1, 5000);
            var until = wheel.UntilNext(wheel.Now);
            var nearest = expected.Keys.FirstOrDefault(entry => timers[entry.Id].IsRunning);
            if (nearest.Deadline > 0) until.ShouldBeLessThanOrEqualTo(nearest.Deadline - wheel.Now);
            wheel.Advance(now);
            fired.Count.ShouldBe(expected.Keys.Count(entry => entry.Deadline <= now));
        }
        wheel.Advance(now + 30_000_000);
        fired.Select(entry => entry.Deadline).ShouldBeInOrder();
        fired.Count.ShouldBe(expected.Count);
        wheel.UntilNext(wheel.Now).ShouldBe(-1);
    }

    [Fact]
    public void Delays_beyond_the_span_are_refused_by_name() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new TimerWheel(0).Start(new LoopTimer(() => { }), 0, TimerWheel.MaxDelayMilliseconds + 1));
}
