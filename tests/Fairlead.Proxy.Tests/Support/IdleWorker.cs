using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Tests.Support;

/// <summary>A worker on which nothing happens: for what is called without I/O.</summary>
internal static class IdleWorker
{
    public static StreamContext Create(StatRegistry stats)
    {
        var logs = new AccessLogSet(stats.CreateShard(), ServerStats.Of(stats), _ => { });
        return new StreamContext(new EventLoop(new IdlePoller(), TimeProvider.System), NoDial, stats.CreateShard(), new CircuitBreakerTable(), logs, 7);
    }

    private static Channel? NoDial(in IpEndpoint remote, in ConnectOptions options, out int errno)
    {
        errno = Libc.ECONNREFUSED;
        return null;
    }

    private sealed class IdlePoller : Poller
    {
        public override int Poll(int timeoutMilliseconds) => 0;

        public override void Pause(int microseconds) => throw new InvalidOperationException("nothing happens here");

        public override void Wake()
        {
            // Nothing sleeps here.
        }

        public override void Close()
        {
            // Nothing is open.
        }
    }
}
