using System.Numerics;

namespace Fairlead.Proxy.Loop;

/// <summary>
/// Hierarchical timer wheel: four levels of 256 slots of 1 ms, 256 ms, 65.5 s and 4.7 h, so 49 days in all. Starting and
/// stopping a timer costs O(1) and no memory; the time comes from outside, in whole milliseconds that never go back.
/// A timer fires no earlier than its delay after the start and in order of deadlines.
/// </summary>
internal sealed class TimerWheel
{
    private const int Levels = 4;
    private const int SlotBits = 8;
    private const int Slots = 1 << SlotBits;

    /// <summary>Longest delay: the wheel's span less one slot of the top level. Longer ones are refused, not shortened.</summary>
    public const long MaxDelayMilliseconds = (1L << (Levels * SlotBits)) - (1L << ((Levels - 1) * SlotBits));

    private readonly LoopTimer?[][] _slots = new LoopTimer?[Levels][];
    private readonly ulong[][] _occupied = new ulong[Levels][];

    public TimerWheel(long nowMilliseconds)
    {
        for (var level = 0; level < Levels; level++)
        {
            _slots[level] = new LoopTimer?[Slots];
            _occupied[level] = new ulong[Slots / 64];
        }
        Now = nowMilliseconds;
    }

    /// <summary>The time of the last <see cref="Advance"/>, in milliseconds.</summary>
    public long Now { get; private set; }

    /// <summary>Timers running.</summary>
    public int Count { get; private set; }

    /// <summary>Starts (or restarts) a timer <paramref name="delayMilliseconds"/> after <paramref name="nowMilliseconds"/>.</summary>
    public void Start(LoopTimer timer, long nowMilliseconds, long delayMilliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(delayMilliseconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delayMilliseconds, MaxDelayMilliseconds);
        if (timer.IsRunning) Stop(timer);
        // The wheel may lag behind the caller's clock within one turn of the loop; a deadline in the wheel's past fires next.
        timer.Deadline = Math.Max(nowMilliseconds + delayMilliseconds, Now + 1);
        timer.IsRunning = true;
        Count++;
        Insert(timer);
    }

    public void Stop(LoopTimer timer)
    {
        if (!timer.IsRunning) return;
        timer.IsRunning = false;
        Count--;
        Unlink(timer);
    }

    /// <summary>Moves time forward and fires what is due. Timers started by a firing timer wait for the next call.</summary>
    public void Advance(long nowMilliseconds)
    {
        while (Now < nowMilliseconds)
        {
            var next = NextDeadlineOrCascade();
            if (next < 0 || next > nowMilliseconds)
            {
                Now = nowMilliseconds;
                return;
            }
            Now = next;
            for (var level = Levels - 1; level > 0; level--)
            {
                if ((Now & ((1L << (level * SlotBits)) - 1)) == 0) Cascade(level);
            }
            Fire((int)(Now & (Slots - 1)));
        }
    }

    /// <summary>Milliseconds until <see cref="Advance"/> has work (a timer or an inner move), or -1 when no timer runs.</summary>
    public long UntilNext(long nowMilliseconds)
    {
        var next = NextDeadlineOrCascade();
        return next < 0 ? -1 : Math.Max(0, next - nowMilliseconds);
    }

    private void Insert(LoopTimer timer)
    {
        var distance = timer.Deadline ^ Now;
        var level = distance == 0 ? 0 : Math.Min(Levels - 1, BitOperations.Log2((ulong)distance) / SlotBits);
        var slot = (int)(timer.Deadline >> (level * SlotBits)) & (Slots - 1);
        timer.Level = level;
        timer.Slot = slot;
        ref var head = ref _slots[level][slot];
        if (head is null)
        {
            timer.Next = timer.Previous = timer;
            head = timer;
            _occupied[level][slot >> 6] |= 1UL << (slot & 63);
            return;
        }
        var tail = head.Previous!;
        tail.Next = timer;
        timer.Previous = tail;
        timer.Next = head;
        head.Previous = timer;
    }

    private void Unlink(LoopTimer timer)
    {
        ref var head = ref _slots[timer.Level][timer.Slot];
        if (ReferenceEquals(timer.Next, timer))
        {
            head = null;
            _occupied[timer.Level][timer.Slot >> 6] &= ~(1UL << (timer.Slot & 63));
        }
        else
        {
            timer.Previous!.Next = timer.Next;
            timer.Next!.Previous = timer.Previous;
            if (ReferenceEquals(head, timer)) head = timer.Next;
        }
        timer.Next = timer.Previous = null;
    }

    private void Cascade(int level)
    {
        var slot = (int)(Now >> (level * SlotBits)) & (Slots - 1);
        while (_slots[level][slot] is { } timer)
        {
            Unlink(timer);
            Insert(timer);
        }
    }

    private void Fire(int slot)
    {
        // A timer started while firing lands at a later millisecond, so this list only shrinks.
        while (_slots[0][slot] is { } timer && timer.Deadline <= Now)
        {
            Stop(timer);
            timer.Fire();
        }
    }

    /// <summary>The earliest time at which something must happen: per level, the next occupied slot's beginning.</summary>
    private long NextDeadlineOrCascade()
    {
        if (Count == 0) return -1;
        var best = long.MaxValue;
        for (var level = 0; level < Levels; level++)
        {
            var shift = level * SlotBits;
            var current = (int)(Now >> shift) & (Slots - 1);
            var ahead = NextOccupied(level, current);
            if (ahead < 0) continue;
            var start = ((Now >> shift) + ahead) << shift;
            best = Math.Min(best, start);
        }
        return best;
    }

    /// <summary>Distance in slots (1..256) to the next occupied slot after <paramref name="current"/>, or -1.</summary>
    private int NextOccupied(int level, int current)
    {
        var map = _occupied[level];
        for (var step = 1; step <= Slots;)
        {
            var slot = (current + step) & (Slots - 1);
            var word = map[slot >> 6] >> (slot & 63);
            if (word != 0)
            {
                var found = step + BitOperations.TrailingZeroCount(word);
                return found <= Slots ? found : -1;
            }
            step += 64 - (slot & 63);
        }
        return -1;
    }
}
