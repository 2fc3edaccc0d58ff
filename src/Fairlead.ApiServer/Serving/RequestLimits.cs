using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Serving;

/// <summary>How many requests are served at once; beyond, 429 asks the client to come again in a second (clients do so by themselves).</summary>
internal sealed class RequestLimits
{
    /// <summary>Requests that are answered at once (the real server: 400 reads and 200 writes).</summary>
    public const int ShortLimit = 600;

    /// <summary>Watches, logs and streams: each holds a connection or stream for long.</summary>
    public const int LongLimit = 8192;

    private int shortRunning;
    private int longRunning;

    public IDisposable Enter(HttpRequest request)
    {
        var lasting = request.Query.ContainsKey("watch") || request.Path.Value is { } path
            && (path.EndsWith("/exec", StringComparison.Ordinal) || path.EndsWith("/attach", StringComparison.Ordinal)
                || path.EndsWith("/portforward", StringComparison.Ordinal) || path.EndsWith("/log", StringComparison.Ordinal));
        ref var counter = ref lasting ? ref longRunning : ref shortRunning;
        var limit = lasting ? LongLimit : ShortLimit;
        if (Interlocked.Increment(ref counter) > limit)
        {
            Interlocked.Decrement(ref counter);
            throw new Refusal(429, "TooManyRequests", "too many requests, please try again later") { RetryAfterSeconds = 1 };
        }
        return new Slot(this, lasting);
    }

    private sealed class Slot(RequestLimits owner, bool lasting) : IDisposable
    {
        private bool left;

        public void Dispose()
        {
            if (left)
                return;
            left = true;
            if (lasting)
                Interlocked.Decrement(ref owner.longRunning);
            else
                Interlocked.Decrement(ref owner.shortRunning);
        }
    }
}
