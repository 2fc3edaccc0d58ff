using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Listeners;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Tests.Simulation;
using Fairlead.Proxy.Tests.Support;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Tests.Listeners;

/// <summary>An answer that waits for the other events of its round (docs/decisions/0107) is not lost, whatever else the round brings.</summary>
public sealed class GatheredSendTests
{
    private static readonly IpEndpoint Local = IpEndpoint.FromIPv4(0xcb007101, 80), Remote = IpEndpoint.FromIPv4(0xcb007102, 40000);

    private readonly TwoEventsPoller _poller = new();
    private readonly ScriptedChannel _channel = new(Local, Remote);
    private readonly EventLoop _loop;
    private bool _isClosed;

    public GatheredSendTests()
    {
        var mesh = new TestMesh().Routes();
        var manager = mesh.Manager();
        var listener = mesh.Listener("l", Local, manager);
        var logs = new AccessLogSet(mesh.Stats.CreateShard(), ServerStats.Of(mesh.Stats), _ => { });
        _loop = new EventLoop(_poller, new SimClock());
        var worker = new StreamContext(_loop, NoDial, mesh.Stats.CreateShard(), new CircuitBreakerTable(), logs, 7);
        worker.Adopt(mesh.Snapshot(1, listener));
        var info = new ConnectionInfo
        {
            Id = 1, Remote = Remote, DirectLocal = Local, Local = Local, Listener = listener, FilterChain = listener.FilterChains[0], AcceptedTimestamp = 0,
        };
        new Http1ServerConnection(worker, _channel, info, manager, _ => _isClosed = true).Start([]);
    }

    [Fact]
    public void It_leaves_when_the_events_are_handled()
    {
        var sentWithinTheRound = -1;
        _channel.Arrives("GET / HTTP/1.1\r\nHost: nobody.example\r\n\r\n");
        _poller.First = () => _channel.Owner!.OnReadable();
        _poller.Second = () => sentWithinTheRound = _channel.Sent.Length;

        _loop.Turn(mayBlock: false);

        sentWithinTheRound.ShouldBe(0);
        _channel.Sent.ShouldStartWith("HTTP/1.1 404 Not Found\r\n");
        _isClosed.ShouldBeFalse();
    }

    [Fact]
    public void It_leaves_before_the_connection_that_the_client_ends_in_the_same_round()
    {
        _channel.Arrives("GET / HTTP/1.1\r\nHost: nobody.example\r\n\r\n");
        _poller.First = () => _channel.Owner!.OnReadable();
        _poller.Second = () =>
        {
            _channel.Ends();
            _channel.Owner!.OnReadable();
        };

        _loop.Turn(mayBlock: false);

        _channel.Sent.ShouldStartWith("HTTP/1.1 404 Not Found\r\n");
        _isClosed.ShouldBeTrue();
        _loop.Buffers.Outstanding.ShouldBe(0);
    }

    private static Channel? NoDial(in IpEndpoint remote, in ConnectOptions options, out int errno)
    {
        errno = Libc.ECONNREFUSED;
        return null;
    }

    private sealed class TwoEventsPoller : Poller
    {
        public Action First { get; set; } = () => { };

        public Action Second { get; set; } = () => { };

        public override int Poll(int timeoutMilliseconds)
        {
            Delivering = 2;
            First();
            Second();
            Delivering = 0;
            return 2;
        }

        public override void Pause(int microseconds) => throw new InvalidOperationException("two events are always ready");

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
