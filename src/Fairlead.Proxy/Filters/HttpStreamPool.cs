namespace Fairlead.Proxy.Filters;

/// <summary>Streams of one worker, reused: a warm worker makes none.</summary>
internal sealed class HttpStreamPool(StreamContext worker)
{
    private const int KeepStreams = 1024; // about 6 KB each with their header arrays

    private readonly Stack<HttpStream> _free = new();

    /// <summary>Streams ever handed out. Other threads may read it; what they see may be a moment old.</summary>
    public long Rented { get; private set; }

    /// <summary>Streams in use.</summary>
    public int Outstanding { get; private set; }

    public HttpStream Rent()
    {
        worker.Loop.Gathering.Requests = ++Outstanding;
        Rented++;
        return _free.TryPop(out var stream) ? stream : new HttpStream(worker);
    }

    public void Return(HttpStream stream)
    {
        worker.Loop.Gathering.Requests = --Outstanding;
        if (_free.Count < KeepStreams) _free.Push(stream);
    }
}
