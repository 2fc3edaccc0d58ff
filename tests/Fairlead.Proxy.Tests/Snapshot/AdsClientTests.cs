using System.Threading.Channels;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Snapshot.Ads;
using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Xds.Grpc;
using Fairlead.Xds.Names;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Fairlead.Proxy.Tests.Snapshot;

public sealed class AdsClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_client_asks_acknowledges_refuses_and_comes_back()
    {
        await using var server = await FakeControlPlane.StartAsync();
        using var stop = new CancellationTokenSource();
        var store = new SnapshotStore();
        var live = new LiveConfiguration(store, TestCompile.Context(), TimeProvider.System);
        var main = new MainLoop();
        var loop = main.ProcessAsync(stop.Token);
        var target = new AdsTarget("127.0.0.1", server.Port, null, null, null, false, [KeyValuePair.Create("x-test", "1")]);
        var client = new AdsClient(target, new Node { Id = "node-1" }, new ResourceSink(live), main, new AdsReport(), TimeProvider.System, new Random(1));
        var running = client.RunAsync(stop.Token);

        var first = await server.AcceptAsync().WaitAsync(Patience);
        var cds = await first.ReadAsync().WaitAsync(Patience);
        cds.TypeUrl.ShouldBe(TypeUrl.Cluster);
        cds.Node.Id.ShouldBe("node-1");
        (await first.ReadAsync().WaitAsync(Patience)).TypeUrl.ShouldBe(TypeUrl.Listener);
        first.Header("x-test").ShouldBe("1");

        var good = TestCompile.Cluster("{name: good, type: STATIC}");
        var eds = TestCompile.Cluster("{name: e, type: EDS, eds_cluster_config: {eds_config: {ads: {}}}}");
        first.Send(Response(TypeUrl.Cluster, "v1", "n1", good, eds));
        var ack = await first.ReadAsync().WaitAsync(Patience);
        (ack.VersionInfo, ack.ResponseNonce, ack.ErrorDetail).ShouldBe(("v1", "n1", null));
        var edsRequest = await first.ReadAsync().WaitAsync(Patience);
        edsRequest.TypeUrl.ShouldBe(TypeUrl.Endpoints);
        edsRequest.ResourceNames.ShouldBe(["e"]);

        first.Send(Response(TypeUrl.Cluster, "v2", "n2", good, eds, TestCompile.Cluster("{name: bad, type: STATIC, lb_policy: MAGLEV}")));
        var nack = await first.ReadAsync().WaitAsync(Patience);
        (nack.VersionInfo, nack.ResponseNonce).ShouldBe(("v1", "n2"));
        nack.ErrorDetail.Message.ShouldContain("bad");
        store.Current.Cluster("good").ShouldNotBeNull();

        first.End();
        var second = await server.AcceptAsync().WaitAsync(Patience);
        var again = await second.ReadAsync().WaitAsync(Patience);
        (again.VersionInfo, again.ResponseNonce, again.Node.Id).ShouldBe(("v1", string.Empty, "node-1"));
        store.Current.Cluster("good").ShouldNotBeNull();

        await stop.CancelAsync();
        await running.WaitAsync(Patience);
        await Should.ThrowAsync<OperationCanceledException>(loop);
    }

    [Fact]
    public void Delays_double_with_jitter_up_to_a_cap()
    {
        var random = new Random(3);
        for (var i = 0; i < 100; i++)
        {
            AdsClient.Delay(0, random).ShouldBeInRange(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200));
            AdsClient.Delay(3, random).ShouldBeInRange(TimeSpan.FromMilliseconds(800), TimeSpan.FromMilliseconds(1600));
            AdsClient.Delay(1000, random).ShouldBeInRange(TimeSpan.FromSeconds(7.5), TimeSpan.FromSeconds(15));
        }
    }

    private static DiscoveryResponse Response(string typeUrl, string version, string nonce, params IMessage[] resources)
    {
        var response = new DiscoveryResponse { TypeUrl = typeUrl, VersionInfo = version, Nonce = nonce };
        foreach (var resource in resources) response.Resources.Add(new Any { TypeUrl = typeUrl, Value = resource.ToByteString() });
        return response;
    }

    /// <summary>A plain-text HTTP/2 server that hands its streams to the test.</summary>
    private sealed class FakeControlPlane : IAsyncDisposable
    {
        private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
        private readonly WebApplication _app;

        private FakeControlPlane(WebApplication app)
        {
            _app = app;
            _app.Run(ServeAsync);
        }

        public int Port => new Uri(_app.Urls.First()).Port;

        public static async Task<FakeControlPlane> StartAsync()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
                options.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
            builder.Logging.ClearProviders();
            var server = new FakeControlPlane(builder.Build());
            await server._app.StartAsync();
            return server;
        }

        public Task<Call> AcceptAsync() => _calls.Reader.ReadAsync().AsTask();

        public async ValueTask DisposeAsync()
        {
            await _app.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _app.DisposeAsync();
        }

        private async Task ServeAsync(HttpContext context)
        {
            context.Request.Path.Value.ShouldBe(GrpcPaths.StreamAggregated);
            context.Response.ContentType = GrpcPaths.ContentType;
            await context.Response.Body.FlushAsync();
            var call = new Call(context);
            _calls.Writer.TryWrite(call);
            await call.Ended;
        }
    }

    private sealed class Call(HttpContext context)
    {
        private readonly GrpcMessageReader<DiscoveryRequest> _reader = new(context.Request.BodyReader, DiscoveryRequest.Parser);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly string _test = context.Request.Headers["x-test"].ToString();

        public Task Ended => _ended.Task;

        public string Header(string name) => name == "x-test" ? _test : string.Empty;

        public async Task<DiscoveryRequest> ReadAsync() => (await _reader.ReadAsync(default))!;

        public void Send(DiscoveryResponse response)
        {
            GrpcFraming.Write(context.Response.BodyWriter, response);
            context.Response.BodyWriter.FlushAsync().AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        public void End() => _ended.SetResult();
    }
}
