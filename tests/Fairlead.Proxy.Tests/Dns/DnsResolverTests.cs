using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Fairlead.Proxy.Dns;

namespace Fairlead.Proxy.Tests.Dns;

public sealed class DnsResolverTests
{
    [Fact]
    public async Task An_answer_comes_over_udp()
    {
        await using var server = new FakeDnsServer((id, name, type) =>
            new DnsMessageBuilder(id, name, type).Address(name, "203.0.113.9", 30).Build());
        var answer = await server.Resolver().ResolveAsync("a.example", LookupFamily.V4Only, default);
        answer.Status.ShouldBe(DnsAnswer.Outcome.Resolved);
        answer.Addresses.ShouldBe([IPAddress.Parse("203.0.113.9")]);
        answer.TimeToLive.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_cut_off_answer_is_asked_for_again_over_tcp()
    {
        await using var server = new FakeDnsServer(
            (id, name, type) => new DnsMessageBuilder(id, name, type, truncated: true).Build(),
            (id, name, type) => new DnsMessageBuilder(id, name, type).Address(name, "203.0.113.10", 30).Build());
        var answer = await server.Resolver().ResolveAsync("a.example", LookupFamily.V4Only, default);
        answer.Addresses.ShouldBe([IPAddress.Parse("203.0.113.10")]);
    }

    [Fact]
    public async Task The_search_list_is_tried_and_nxdomain_goes_on_to_the_next()
    {
        var asked = new List<string>();
        await using var server = new FakeDnsServer((id, name, type) =>
        {
            lock (asked) asked.Add(name);
            return name == "db.ns.svc"
                ? new DnsMessageBuilder(id, name, type).Address(name, "10.96.0.7", 5).Build()
                : new DnsMessageBuilder(id, name, type, code: 3).Build();
        });
        var answer = await server.Resolver("other.svc", "ns.svc").ResolveAsync("db", LookupFamily.V4Only, default);
        answer.Addresses.ShouldBe([IPAddress.Parse("10.96.0.7")]);
        asked.ShouldBe(["db.other.svc", "db.ns.svc"]);
    }

    [Fact]
    public async Task A_name_nobody_knows_is_not_found_and_a_server_that_fails_is_a_failure()
    {
        await using var unknown = new FakeDnsServer((id, name, type) => new DnsMessageBuilder(id, name, type, code: 3).Build());
        (await unknown.Resolver().ResolveAsync("a.example", LookupFamily.V4Only, default)).Status.ShouldBe(DnsAnswer.Outcome.NotFound);
        await using var failing = new FakeDnsServer((id, name, type) => new DnsMessageBuilder(id, name, type, code: 2).Build());
        var answer = await failing.Resolver().ResolveAsync("a.example", LookupFamily.V4Only, default);
        answer.Status.ShouldBe(DnsAnswer.Outcome.Failed);
        answer.Failure.ShouldContain("ServerFailure");
    }

    [Fact]
    public async Task A_forged_answer_with_another_id_is_passed_over()
    {
        await using var server = new FakeDnsServer((id, name, type) =>
            new DnsMessageBuilder((ushort)(id + 1), name, type).Address(name, "198.51.100.66", 30).Build());
        var answer = await server.Resolver(timeout: TimeSpan.FromMilliseconds(200)).ResolveAsync("a.example", LookupFamily.V4Only, default);
        answer.Status.ShouldBe(DnsAnswer.Outcome.Failed);
    }

    [Fact]
    public async Task Both_families_are_joined()
    {
        await using var server = new FakeDnsServer((id, name, type) =>
            new DnsMessageBuilder(id, name, type).Address(name, type == DnsRecordType.A ? "203.0.113.1" : "2001:db8::1", 30).Build());
        var answer = await server.Resolver().ResolveAsync("a.example", LookupFamily.All, default);
        answer.Addresses.ShouldBe([IPAddress.Parse("203.0.113.1"), IPAddress.Parse("2001:db8::1")]);
    }

    [Fact]
    public void Refreshes_follow_the_ttl_and_failures_back_off()
    {
        var watch = new DnsWatch(new DnsResolver(TimeProvider.System, static () => new ResolverSettings(), static () => string.Empty), TimeProvider.System, new Random(1));
        var pace = new DnsWatch.Pace(LookupFamily.V4Only, TimeSpan.FromSeconds(60), true, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(9), TimeSpan.Zero);
        var good = new DnsAnswer(DnsAnswer.Outcome.Resolved, [IPAddress.Loopback], TimeSpan.FromSeconds(30), string.Empty);
        var bad = new DnsAnswer(DnsAnswer.Outcome.Failed, [], TimeSpan.Zero, "no");
        watch.Next(good, 0, pace).ShouldBe(TimeSpan.FromSeconds(30));
        watch.Next(good, 0, pace with { RespectTtl = false }).ShouldBe(TimeSpan.FromSeconds(60));
        watch.Next(bad, 1, pace).ShouldBe(TimeSpan.FromSeconds(2));
        watch.Next(bad, 2, pace).ShouldBe(TimeSpan.FromSeconds(4));
        watch.Next(bad, 60, pace).ShouldBe(TimeSpan.FromSeconds(9));
    }

    /// <summary>A server on loopback, UDP and TCP on one port.</summary>
    private sealed class FakeDnsServer : IAsyncDisposable
    {
        private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private readonly Socket _tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _serving;

        public FakeDnsServer(Answer udp, Answer? tcp = null)
        {
            // A port that is free for TCP, which connections going out take up, is nearly always free for UDP; the reverse is not so.
            _tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _udp.Bind((IPEndPoint)_tcp.LocalEndPoint!);
            _tcp.Listen();
            _serving = Task.WhenAll(ServeUdpAsync(udp), ServeTcpAsync(tcp ?? udp));
        }

        public delegate byte[] Answer(ushort id, string name, DnsRecordType type);

        public DnsResolver Resolver(params string[] search) => Resolver(TimeSpan.FromSeconds(5), search);

        public DnsResolver Resolver(TimeSpan timeout, params string[] search)
        {
            var settings = new ResolverSettings
            {
                Servers = [(IPEndPoint)_udp.LocalEndPoint!],
                Search = search,
                Ndots = search.Length > 0 ? 5 : 1,
                Timeout = timeout,
                Attempts = 1,
            };
            return new DnsResolver(TimeProvider.System, () => settings, static () => string.Empty);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _udp.Dispose();
            _tcp.Dispose();
            await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        private static byte[] Respond(Answer answer, ReadOnlySpan<byte> query)
        {
            var at = 12;
            var name = DnsName.Read(query, ref at)!;
            return answer(BinaryPrimitives.ReadUInt16BigEndian(query), name, (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(query[at..]));
        }

        private async Task ServeUdpAsync(Answer answer)
        {
            var buffer = new byte[2048];
            while (!_stop.IsCancellationRequested)
            {
                var received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                await _udp.SendToAsync(Respond(answer, buffer.AsSpan(0, received.ReceivedBytes)), received.RemoteEndPoint, _stop.Token);
            }
        }

        private async Task ServeTcpAsync(Answer answer)
        {
            while (!_stop.IsCancellationRequested)
            {
                using var stream = new NetworkStream(await _tcp.AcceptAsync(_stop.Token), ownsSocket: true);
                var prefix = new byte[2];
                await stream.ReadExactlyAsync(prefix, _stop.Token);
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(query, _stop.Token);
                var response = Respond(answer, query);
                BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)response.Length);
                await stream.WriteAsync(prefix, _stop.Token);
                await stream.WriteAsync(response, _stop.Token);
            }
        }
    }
}
