using System.Collections.Concurrent;

namespace Fairlead.Proxy.Loop;

/// <summary>
/// One thread that owns connections, timers and buffers and shares nothing. Work arrives by readiness events, timers and
/// <see cref="Post"/> (the only member that other threads may call).
/// </summary>
internal sealed class EventLoop
{
    private const int MaxSleepMilliseconds = 60_000; // bounds what a wrong timer could cost; a loop with nothing to do wakes once a minute

    private const int QuietMilliseconds = 1; // nothing for so long: what waits for sleep (log lines) is done

    private readonly TimeProvider _time;
    private readonly Poller _poller;
    private readonly ConcurrentQueue<Action> _mailbox = new(); // filled by the main thread only: config swaps, drain, statistics requests
    private readonly List<Action> _beforeSleep = [];
    private readonly long _ticksPerMillisecond;
    private readonly long _origin;
    private DateTimeOffset _wallBase;
    private long _wallBaseTimestamp;
    private readonly List<ChannelOwner> _senders = [];
    private List<Action> _deferred = [];
    private List<Action> _running = [];
    private List<Action> _nextTurn = [];
    private List<Action> _thisTurn = [];
    private volatile bool _stopping;

    /// <param name="poller">Tells what is ready.</param>
    /// <param name="time">The clock of timers.</param>
    /// <param name="loops">Loops of the process, this one included.</param>
    public EventLoop(Poller poller, TimeProvider time, int loops = 1)
    {
        Gathering = new Gathering(loops);
        _poller = poller;
        _time = time;
        _ticksPerMillisecond = Math.Max(1, time.TimestampFrequency / 1000);
        _origin = time.GetTimestamp();
        Timestamp = _origin;
        Timers = new TimerWheel(0);
        SyncWall();
    }

    public BufferPool Buffers { get; } = new();

    public TimerWheel Timers { get; }

    public Gathering Gathering { get; }

    /// <summary>The clock as of the last <see cref="Tick"/>, in <see cref="TimeProvider"/> units.</summary>
    public long Timestamp { get; private set; }

    public long TimestampFrequency => _time.TimestampFrequency;

    private long Milliseconds => (Timestamp - _origin) / _ticksPerMillisecond;

    /// <summary>Reads the clock. Handlers call it when an event begins, so that times of one event agree.</summary>
    public long Tick() => Timestamp = _time.GetTimestamp();

    /// <summary>Wall clock at <paramref name="timestamp"/>; read from the system once a second only.</summary>
    public DateTimeOffset WallTime(long timestamp)
    {
        var elapsed = timestamp - _wallBaseTimestamp;
        if (elapsed > _time.TimestampFrequency)
        {
            SyncWall();
            elapsed = timestamp - _wallBaseTimestamp;
        }
        return _wallBase.AddTicks(elapsed * TimeSpan.TicksPerSecond / _time.TimestampFrequency);
    }

    /// <summary>Whole milliseconds of a difference of timestamps, cut off.</summary>
    public long MillisecondsOf(long ticks)
    {
        // A request asks this some five times, and mostly for less than seconds: a division of 32 bits takes a third of one of 64.
        if (ticks < _ticksPerMillisecond) return 0;
        return ticks <= uint.MaxValue ? (uint)ticks / (uint)_ticksPerMillisecond : ticks / _ticksPerMillisecond;
    }

    /// <summary>Time from <paramref name="timestamp"/> to <see cref="Timestamp"/>, in whole milliseconds as timers count.</summary>
    public TimeSpan Since(long timestamp) => TimeSpan.FromMilliseconds((Timestamp - timestamp) / _ticksPerMillisecond);

    public void Start(LoopTimer timer, TimeSpan delay) => Start(timer, (long)delay.TotalMilliseconds);

    /// <summary>Fires no earlier than that, and within the next millisecond of an idle loop: a timeout of 3 s is never logged as 2999 ms.</summary>
    public void Start(LoopTimer timer, long delayMilliseconds) =>
        // The wheel counts whole milliseconds; a part of one has already passed.
        Timers.Start(timer, Milliseconds, delayMilliseconds is > 0 and < TimerWheel.MaxDelayMilliseconds ? delayMilliseconds + 1 : delayMilliseconds);

    public void Stop(LoopTimer timer) => Timers.Stop(timer);

    /// <summary>Runs <paramref name="work"/> on this loop's thread. Callable from any thread.</summary>
    public void Post(Action work)
    {
        _mailbox.Enqueue(work);
        _poller.Wake();
    }

    /// <summary>Runs <paramref name="work"/> when the events at hand are done: objects in use by a caller are recycled there.</summary>
    public void Defer(Action work) => _deferred.Add(work);

    /// <summary>Runs <paramref name="work"/> after every other connection had its turn: for work that used up its share.</summary>
    public void NextTurn(Action work) => _nextTurn.Add(work);

    /// <summary>
    /// Several events are being handled: what they send had better wait for all of them (docs/decisions/0107). A send runs through more of
    /// the kernel than a core's first caches hold; in between, a request's own code is there for the next request.
    /// </summary>
    public bool SendsGather => _poller.Delivering > 1;

    /// <summary>Gives <paramref name="sender"/> its turn to send when the events at hand are handled.</summary>
    public void SendLater(ChannelOwner sender) => _senders.Add(sender);

    /// <summary>Runs each time when there was nothing to do for a millisecond, before the loop goes to sleep (log buffers are written there).</summary>
    public void BeforeSleep(Action work) => _beforeSleep.Add(work);

    public void Stop()
    {
        _stopping = true;
        _poller.Wake();
    }

    public void Run()
    {
        while (!_stopping) Turn(mayBlock: true);
        foreach (var work in _beforeSleep) work();
    }

    /// <summary>One round: due timers, mail, what is ready; waits only when there was nothing.</summary>
    public void Turn(bool mayBlock)
    {
        Tick();
        Timers.Advance(Milliseconds);
        while (_mailbox.TryDequeue(out var work)) work();
        RunThisTurn();
        RunDeferred();
        if (!mayBlock || _stopping || _nextTurn.Count > 0 || !_mailbox.IsEmpty)
        {
            Gathering.Count(Poll(0));
        }
        else
        {
            PollOrSleep();
        }
        RunDeferred();
    }

    public void Close() => _poller.Close();

    private void PollOrSleep()
    {
        var pause = Gathering.Due(Milliseconds);
        if (pause > 0)
        {
            var ready = Poll(0);
            Gathering.Count(ready);
            if (ready > 0) return;
            _poller.Pause(pause);
            Gathering.Paused();
        }
        // Under load a loop has nothing to do for some microseconds, thousands of times a second: that is not yet sleep.
        var count = Poll(Math.Min(SleepMilliseconds(), QuietMilliseconds));
        Gathering.Count(count);
        if (count > 0) return;
        foreach (var work in _beforeSleep) work();
        Tick();
        Gathering.Count(Poll(SleepMilliseconds()));
    }

    private int Poll(int timeoutMilliseconds)
    {
        var count = _poller.Poll(timeoutMilliseconds);
        foreach (var sender in _senders) sender.OnSendTurn(); // nobody is added here: nothing is being delivered
        _senders.Clear();
        return count;
    }

    private int SleepMilliseconds()
    {
        var until = Timers.UntilNext(Milliseconds);
        return until < 0 ? MaxSleepMilliseconds : (int)Math.Min(until, MaxSleepMilliseconds);
    }

    private void RunDeferred()
    {
        while (_deferred.Count > 0)
        {
            (_running, _deferred) = (_deferred, _running);
            foreach (var work in _running) work();
            _running.Clear();
        }
    }

    private void RunThisTurn()
    {
        (_thisTurn, _nextTurn) = (_nextTurn, _thisTurn);
        foreach (var work in _thisTurn) work();
        _thisTurn.Clear();
    }

    private void SyncWall()
    {
        _wallBase = _time.GetUtcNow();
        _wallBaseTimestamp = _time.GetTimestamp();
    }
}
