using System.Globalization;
using System.Net;
using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Listeners;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Tests.Support;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Tests.Simulation;

/// <summary>
/// One worker's data path over a simulated network and clock: clients, upstreams, configuration swaps, all from one seed, so that a failure
/// comes again with it. <see cref="Run"/> ends when everybody has gone; then nothing may be left over.
/// </summary>
internal sealed class SimWorld
{
    private const int MaxTurns = 400_000; // far beyond what any seed needs: a loop that does not come to rest is a fault

    private static readonly IPEndPoint[] Hosts = [.. Enumerable.Range(1, 4).Select(i => new IPEndPoint(new IPAddress([203, 0, 113, (byte)i]), 80))];

    private readonly SimClock _clock = new();
    private readonly SimNetwork _network;
    private readonly Random _random;
    private readonly EventLoop _loop;
    private readonly CircuitBreakerTable _breakers = new();
    private readonly StreamContext _worker;
    private readonly SimLog _log = new();
    private readonly AccessLogSet _logs;
    private readonly TestMesh _mesh = new();
    private readonly Dictionary<string, (int Status, int Bytes)> _answers = [];
    private readonly HashSet<Http1ServerConnection> _open = [];
    private int _lastId;
    private long _generation;

    public SimWorld(int seed)
    {
        _random = new Random(seed);
        _network = new SimNetwork(_clock, _random);
        _loop = new EventLoop(_network, _clock);
        _logs = new AccessLogSet(_mesh.Stats.CreateShard(), ServerStats.Of(_mesh.Stats), _ => { });
        _worker = new StreamContext(_loop, Dial, _mesh.Stats.CreateShard(), _breakers, _logs, (ulong)seed);
        Swap();
    }

    public List<string> Faults { get; } = [];

    public int Requests => _lastId;

    public int Answers => _answers.Count;

    public string NewId() => (++_lastId).ToString(CultureInfo.InvariantCulture);

    public void Answered(string id, int status, int bytes)
    {
        if (!_answers.TryAdd(id, (status, bytes))) Faults.Add($"request {id} was answered twice");
    }

    public void Run()
    {
        var clients = _random.Next(1, 12);
        for (var i = 0; i < clients; i++) _network.After(_network.Milliseconds(500), Connect);
        for (var i = _random.Next(4); i > 0; i--) _network.After(_network.Milliseconds(800), Swap);
        Settle();
        if (_open.Count > 0) Faults.Add($"{_open.Count} connections of clients stay open");
        // The cluster leaves: what idles must go with it.
        _worker.Adopt(new ProxySnapshot(++_generation, [], [], []));
        Settle();
        CheckLog();
        CheckRest();
        _logs.Close();
    }

    private void Settle()
    {
        for (var turn = 0; turn < MaxTurns; turn++)
        {
            if (_network.IsQuiet && _loop.Timers.Count == 0) return;
            // Idle upstream connections wait for their next request; with nobody left to send one that is rest, too.
            if (_network.IsQuiet && _open.Count == 0 && _worker.Streams.Outstanding == 0 && turn > 64) return;
            _loop.Turn(mayBlock: true);
        }
        Faults.Add($"no rest after {MaxTurns} turns: {_loop.Timers.Count} timers, {_open.Count} connections");
    }

    private void CheckLog()
    {
        var lines = _log.Lines.ToLookup(line => line.Id);
        foreach (var group in lines.Where(group => group.Key.Length > 0 && group.Count() > 1)) Faults.Add($"request {group.Key} has {group.Count()} lines in the log");
        foreach (var line in _log.Lines.Where(line => line.Details.Contains("timeout", StringComparison.Ordinal) && _network.IsCalm)) Faults.Add($"request {line.Id} timed out though nothing stalled ({line.Details})");
        foreach (var (id, (status, bytes)) in _answers)
        {
            var line = lines[id].FirstOrDefault();
            if (line is null) Faults.Add($"request {id} was answered with {status} and has no line in the log");
            else if (line.Status != status) Faults.Add($"request {id} was answered with {status}, the log says {line.Status}");
            else if (line.Sent != bytes) Faults.Add($"request {id} was answered with {bytes} bytes, the log says {line.Sent} ({line.Details})");
        }
    }

    private void CheckRest()
    {
        if (_loop.Timers.Count != 0) Faults.Add($"{_loop.Timers.Count} timers run on");
        if (_loop.Buffers.Outstanding != 0) Faults.Add($"{_loop.Buffers.Outstanding} buffers are not returned");
        if (_worker.Streams.Outstanding != 0) Faults.Add($"{_worker.Streams.Outstanding} streams are not returned");
        var breaker = _breakers.Find("up", RoutePriority.Default); // null where no request came as far as the cluster
        if (breaker is not null && (breaker.Connections, breaker.Pending, breaker.Requests, breaker.Retries) != (0, 0, 0, 0))
            Faults.Add($"the breaker counts {breaker.Connections} connections, {breaker.Pending} pending, {breaker.Requests} requests, {breaker.Retries} retries");
        foreach (var group in _mesh.Stats.Groups())
        {
            var offset = 0;
            foreach (var definition in group.Definitions)
            {
                var value = definition.Kind == StatKind.Gauge ? _mesh.Stats.Read(group, offset) : 0;
                if (value != 0) Faults.Add($"{group.TextPrefix}{definition.Name} is {value}");
                offset += definition.Slots;
            }
        }
    }

    private void Connect()
    {
        var (fromClient, toClient) = (new SimPipe(_network), new SimPipe(_network));
        var remote = IpEndpoint.FromIPv4(0x0af40002, (ushort)_random.Next(1024, 60_000));
        var local = IpEndpoint.FromIPv4(0xcb007101, 80);
        var manager = new HttpConnectionManagerConfig
        {
            StatPrefix = "sim",
            Codec = HttpCodecType.Auto,
            RouteConfigName = "routes",
            Filters = [new HttpFilterConfig.Router { Name = "envoy.filters.http.router" }],
            ServerName = TestMesh.Bytes("envoy"),
            ServerHeader = ServerHeaderMode.Overwrite,
            AccessLogs = [new AccessLogConfig("/dev/null", _log, null)],
            Upgrades = [],
            DelayedCloseTimeout = TimeSpan.FromMilliseconds(200),
            Stats = HttpManagerStats.Of(_mesh.Stats, "sim"),
        };
        var listener = _mesh.Listener("sim", local, manager);
        var info = new ConnectionInfo
        {
            Id = _random.Next(), Remote = remote, DirectLocal = local, Local = local, Listener = listener, FilterChain = listener.FilterChains[0], AcceptedTimestamp = _clock.Now,
        };
        var client = new SimClient(_network, toClient, fromClient, this);
        var channel = new SimChannel(_loop, fromClient, toClient, local, remote, connected: true);
        _loop.Tick();
        var server = new Http1ServerConnection(_worker, channel, info, manager, connection => _open.Remove(connection));
        _open.Add(server);
        server.Start([]);
        client.Begin(_random.Next(1, 6));
    }

    private Channel? Dial(in IpEndpoint remote, in ConnectOptions options, out int errno)
    {
        errno = _random.Next(60) == 0 ? Libc.EADDRNOTAVAIL : 0;
        if (errno != 0) return null;
        var (fromUpstream, toUpstream) = (new SimPipe(_network), new SimPipe(_network));
        var channel = new SimChannel(_loop, fromUpstream, toUpstream, IpEndpoint.FromIPv4(0x0af40001, 40_000), remote, connected: false);
        var fate = _random.Next(40);
        if (fate == 0 && !_network.IsCalm) return channel; // nobody answers: the connect timeout must
        _ = new SimUpstream(_network, toUpstream, fromUpstream, this);
        _network.After(_network.Latency(), () => channel.Connected(fate == 1 ? Libc.ECONNREFUSED : 0));
        return channel;
    }

    /// <summary>Other endpoints, other breakers, another timeout; sometimes no cluster at all.</summary>
    private void Swap()
    {
        var retry = new RetryPolicy
        {
            On = RetryConditions.ConnectFailure | RetryConditions.Reset | RetryConditions.GatewayError, NumRetries = _random.Next(3), AvoidPreviousHosts = _random.Next(2) == 0, HostSelectionMaxAttempts = 3,
            PerTryTimeout = _random.Next(3) == 0 ? TimeSpan.FromMilliseconds(700) : TimeSpan.Zero,
        };
        var mesh = _mesh.Routes().Cluster("up", _ => _mesh.ClusterConfigOf("up", limits: Limits(), connectTimeout: TimeSpan.FromMilliseconds(500), maxRequests: _random.Next(4) == 0 ? 2 : null), [.. Hosts.Where(_ => _random.Next(4) != 0)]);
        var table = Table(TestMesh.To("up", TimeSpan.FromMilliseconds(_random.Next(800, 2500)), retry));
        var clusters = mesh.Snapshot(0).Clusters.Where(_ => _random.Next(12) != 0).ToDictionary();
        _worker.Adopt(new ProxySnapshot(++_generation, [], clusters, new Dictionary<string, RouteTable> { ["routes"] = table }));
    }

    private CircuitBreakerLimits Limits() => _random.Next(4) == 0
        ? CircuitBreakerLimits.EnvoyDefault with { MaxConnections = 2, MaxPendingRequests = 2 }
        : CircuitBreakerLimits.EnvoyDefault;

    private static RouteTable Table(RouteAction action) =>
        new TestMesh().Routes().Host("svc", ["*"]).Route("default", "/", action).Manager().InlineRoutes!;
}
