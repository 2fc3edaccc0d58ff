using System.Buffers.Text;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>
/// The timeouts of one request: the route's, overridden by x-envoy-upstream-rq-timeout-ms and -per-try-timeout-ms (which the
/// connection manager has already removed from requests that it does not trust). Zero = off.
/// </summary>
/// <param name="Route">Over all attempts, from the end of the request.</param>
/// <param name="PerTry">Of one attempt; ignored unless below <paramref name="Route"/>.</param>
internal readonly record struct RequestTimeouts(TimeSpan Route, TimeSpan PerTry)
{
    /// <summary>x-envoy-expected-rq-timeout-ms: what one attempt may take; 0 = nothing to say.</summary>
    public long ExpectedMilliseconds => (long)(PerTry > TimeSpan.Zero ? PerTry : Route).TotalMilliseconds;

    /// <param name="route">The route's own.</param>
    /// <param name="headers">Of the request.</param>
    /// <param name="respectExpected">x-envoy-expected-rq-timeout-ms, where it is set, is the timeout (Router.respect_expected_rq_timeout).</param>
    public static RequestTimeouts Of(RouteAction.Forward route, HeaderBlock headers, bool respectExpected)
    {
        var total = route.Timeout;
        if (respectExpected && headers.TryGet("x-envoy-expected-rq-timeout-ms"u8, out var expected))
        {
            if (TryRead(expected, out var given)) total = TimeSpan.FromMilliseconds(given);
        }
        else if (TryTake(headers, "x-envoy-upstream-rq-timeout-ms"u8, out var asked))
        {
            total = TimeSpan.FromMilliseconds(asked);
        }
        var perTry = route.Retry?.PerTryTimeout ?? TimeSpan.Zero;
        if (TryTake(headers, "x-envoy-upstream-rq-per-try-timeout-ms"u8, out var milliseconds)) perTry = TimeSpan.FromMilliseconds(milliseconds);
        if (total > TimeSpan.Zero && perTry >= total) perTry = TimeSpan.Zero;
        return new RequestTimeouts(total, perTry);
    }

    private static bool TryTake(HeaderBlock headers, ReadOnlySpan<byte> name, out long milliseconds)
    {
        milliseconds = 0;
        if (!headers.TryGet(name, out var text)) return false;
        var valid = TryRead(text, out milliseconds);
        headers.Remove(name);
        return valid;
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out long milliseconds) =>
        Utf8Parser.TryParse(text, out milliseconds, out var used) && used == text.Length && milliseconds is >= 0 and <= Loop.TimerWheel.MaxDelayMilliseconds;
}
