using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Tests.Simulation;

namespace Fairlead.Proxy.Tests.Loop;

public sealed class EventLoopTests
{
    private readonly SimClock _clock = new();
    private readonly ScriptedPoller _poller = new();
    private readonly EventLoop _loop;

    public EventLoopTests()
    {
        _loop = new EventLoop(_poller, _clock);
        _loop.BeforeSleep(() => _poller.Calls.Add("flush"));
    }

    [Fact]
    public void With_nothing_to_do_it_flushes_after_a_millisecond_and_sleeps()
    {
        _loop.Turn(mayBlock: true);

        _poller.Calls.ShouldBe(["poll 1", "flush", "poll 60000"]);
    }

    [Fact]
    public void It_sleeps_until_its_next_timer()
    {
        _loop.Start(new LoopTimer(() => { }), 20);

        _loop.Turn(mayBlock: true);

        _poller.Calls.ShouldBe(["poll 1", "flush", "poll 21"]);
    }

    [Fact]
    public void Under_load_it_looks_whether_something_is_ready_and_lets_events_gather_only_when_nothing_is()
    {
        _loop.Gathering.Requests = 30;
        _poller.Ready.Enqueue(100);
        _loop.Turn(mayBlock: true);
        _clock.AdvanceTo(TimeSpan.TicksPerMillisecond);
        _poller.Calls.Clear();

        _poller.Ready.Enqueue(1);
        _loop.Turn(mayBlock: true);
        _poller.Calls.ShouldBe(["poll 0"]);
        _poller.Calls.Clear();
        _poller.Ready.Enqueue(0);
        _poller.Ready.Enqueue(5);
        _loop.Turn(mayBlock: true);

        _poller.Calls.ShouldBe(["poll 0", "pause 120", "poll 1"]);
    }

    [Fact]
    public void Work_for_the_next_turn_keeps_it_from_waiting()
    {
        var turns = 0;
        _loop.Defer(() => _loop.NextTurn(() => turns++));

        _loop.Turn(mayBlock: true);
        _loop.Turn(mayBlock: true);

        turns.ShouldBe(1);
        _poller.Calls[0].ShouldBe("poll 0");
    }

    [Fact]
    public void Sends_of_several_events_wait_for_all_of_them_and_one_events_send_does_not()
    {
        var sender = new Sender(_loop, _poller.Calls);
        _poller.Handler = sender.OnReadable;
        _poller.Ready.Enqueue(3);
        _poller.Ready.Enqueue(1);

        _loop.Turn(mayBlock: true);
        _loop.Turn(mayBlock: true);

        _poller.Calls.ShouldBe(["poll 1", "later", "later", "later", "sent", "sent", "sent", "poll 1", "sent"]);
    }

    private sealed class Sender(EventLoop loop, List<string> calls) : ChannelOwner
    {
        public override void OnReadable()
        {
            if (!loop.SendsGather)
            {
                OnSendTurn();
                return;
            }
            calls.Add("later");
            loop.SendLater(this);
        }

        public override void OnSendTurn() => calls.Add("sent");

        public override void OnWritable() => throw new InvalidOperationException("nothing was blocked");
    }

    /// <summary>Delivers so many events a poll, none when the script has ended.</summary>
    private sealed class ScriptedPoller : Poller
    {
        public Queue<int> Ready { get; } = new();

        public List<string> Calls { get; } = [];

        public Action Handler { get; set; } = () => { };

        public override int Poll(int timeoutMilliseconds)
        {
            Calls.Add($"poll {timeoutMilliseconds}");
            if (!Ready.TryDequeue(out var events)) return 0;
            Delivering = events;
            for (var i = 0; i < events; i++) Handler();
            Delivering = 0;
            return events;
        }

        public override void Pause(int microseconds) => Calls.Add($"pause {microseconds}");

        public override void Wake()
        {
            // One thread: nobody waits.
        }

        public override void Close()
        {
            // Nothing is open.
        }
    }
}
