namespace Fairlead.Proxy.Loop;

/// <summary>One timer of a <see cref="TimerWheel"/>: a member of the object that it serves, restarted at will, never allocated per use.</summary>
internal sealed class LoopTimer(Action fired)
{
    internal LoopTimer? Next, Previous;
    internal int Level, Slot;

    /// <summary>Absolute, in the wheel's milliseconds; meaningful while running.</summary>
    public long Deadline { get; internal set; }

    public bool IsRunning { get; internal set; }

    internal void Fire() => fired();
}
