using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Listeners;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Tests.Simulation;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Tests.Support;

/// <summary>One worker without sockets, whose time the test moves: a client, and the upstream connections that the worker makes.</summary>
internal sealed class VirtualProxy
{
    private static readonly IpEndpoint Local = IpEndpoint.FromIPv4(0xcb007101, 80), Remote = IpEndpoint.FromIPv4(0xcb007102, 40000);

    private readonly ScriptPoller _poller = new();
    private readonly SimClock _clock = new();
    private readonly EventLoop _loop;

    public VirtualProxy(TestMesh mesh)
    {
        var manager = mesh.Manager();
        var listener = mesh.Listener("l", Local, manager);
        var logs = new AccessLogSet(mesh.Stats.CreateShard(), ServerStats.Of(mesh.Stats), _ => { });
        _clock.AdvanceTo(TimeSpan.TicksPerHour); // a timestamp of 0 is none
        _loop = new EventLoop(_poller, _clock);
        var worker = new StreamContext(_loop, Dial, mesh.Stats.CreateShard(), new CircuitBreakerTable(), logs, 7);
        worker.Adopt(mesh.Snapshot(1, listener));
        var info = new ConnectionInfo
        {
            Id = 1, Remote = Remote, DirectLocal = Local, Local = Local, Listener = listener, FilterChain = listener.FilterChains[0], AcceptedTimestamp = _clock.Now,
        };
        new Http1ServerConnection(worker, Client, info, manager, static _ => { }).Start([]);
    }

    public ScriptedChannel Client { get; } = new(Local, Remote);

    /// <summary>In the order in which they were made; each is connected in the turn after.</summary>
    public List<ScriptedChannel> Upstreams { get; } = [];

    /// <summary>Bytes come from the client.</summary>
    public void Ask(string text) => Arrive(Client, text);

    /// <summary>Bytes come from the upstream of the connection made last.</summary>
    public void Answer(string text) => Arrive(Upstreams[^1], text);

    /// <summary>Time passes, timer by timer.</summary>
    public void Wait(TimeSpan time)
    {
        var end = _clock.Now + time.Ticks;
        while (_clock.Now < end)
        {
            _clock.AdvanceTo(Math.Min(end, _clock.Now + TimeSpan.TicksPerMillisecond));
            _loop.Turn(mayBlock: false);
        }
    }

    private void Arrive(ScriptedChannel channel, string text)
    {
        channel.Arrives(text);
        _poller.Next.Enqueue(() => channel.Owner!.OnReadable());
        while (_poller.Next.Count > 0) _loop.Turn(mayBlock: false);
    }

    private Channel? Dial(in IpEndpoint remote, in ConnectOptions options, out int errno)
    {
        errno = 0;
        var channel = new ScriptedChannel(Local, remote);
        Upstreams.Add(channel);
        _poller.Next.Enqueue(() => channel.Owner!.OnConnected(0));
        return channel;
    }

    private sealed class ScriptPoller : Poller
    {
        public Queue<Action> Next { get; } = new();

        public override int Poll(int timeoutMilliseconds)
        {
            if (!Next.TryDequeue(out var happens)) return 0;
            Delivering = 1;
            happens();
            Delivering = 0;
            return 1;
        }

        public override void Pause(int microseconds) => throw new InvalidOperationException("one event at a time gathers nothing");

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
