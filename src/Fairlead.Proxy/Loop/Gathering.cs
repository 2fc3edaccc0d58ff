namespace Fairlead.Proxy.Loop;

/// <summary>
/// Decides whether a loop that has run out of events lets the next ones gather before it waits for them, as a network card moderates
/// its interrupts. At tens of thousands of events a second most waits are ended by a single event some microseconds later, and each
/// costs two context switches here and an interprocessor interrupt in the peer's <c>send</c>: an eighth of the CPU of a request
/// (docs/decisions/0104).
/// </summary>
/// <param name="loops">Loops that share the connections.</param>
internal sealed class Gathering(int loops = 1)
{
    /// <summary>Events a millisecond from which a loop counts as loaded (a request has four). Below, a wait is worth its cost.</summary>
    public const int LoadedEvents = 16;

    /// <summary>Requests under way from which a pause can gather anything.</summary>
    public const int FewestRequests = 3;

    /// <summary>Bounds of a pause: what a request under load may wait longer, on either side.</summary>
    public const int ShortestMicroseconds = 20, LongestMicroseconds = 200;

    /// <summary>Pauses in a row that gathered less than two events before no more are made for a while: most requests under way wait for slow servers.</summary>
    public const int VainPauses = 8;

    /// <summary>That while, in milliseconds.</summary>
    public const int RestMilliseconds = 32;

    // A quarter of what the requests under way cost the loop: no round gets much longer by it. Of several loops each has a part of the
    // requests, and would have as many rounds as one that has them all.
    private readonly int _microsecondsPerRequest = loops > 1 ? 8 : 4;

    private long _millisecond;
    private int _events;
    private bool _loaded;
    private bool _paused;
    private int _vain;
    private long _restsUntil;

    /// <summary>Requests that the loop's connections have under way. They keep it.</summary>
    public int Requests { get; set; }

    /// <summary>How long to pause when nothing is ready, in microseconds; 0 where there is little to do at <paramref name="millisecond"/>, a loop's time.</summary>
    public int Due(long millisecond)
    {
        if (millisecond != _millisecond)
        {
            _loaded = _events >= LoadedEvents * (millisecond - _millisecond);
            (_millisecond, _events) = (millisecond, 0);
        }
        if (!_loaded || Requests < FewestRequests || millisecond < _restsUntil) return 0;
        return Math.Clamp(Requests * _microsecondsPerRequest, ShortestMicroseconds, LongestMicroseconds);
    }

    /// <summary>The next events counted are those that gathered.</summary>
    public void Paused() => _paused = true;

    public void Count(int events)
    {
        _events += events;
        if (!_paused) return;
        _paused = false;
        _vain = events < 2 ? _vain + 1 : 0;
        if (_vain < VainPauses) return;
        _vain = 0;
        _restsUntil = _millisecond + RestMilliseconds;
    }
}
