using System.Net.Sockets;
using System.Text;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Logging;
using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>The allocation budget of the request path: nothing, once warm.</summary>
public sealed class AllocationTests : IDisposable
{
    private readonly string _log = Path.Combine(Path.GetTempPath(), $"fairlead-alloc-{Guid.NewGuid():n}.log");

    public void Dispose() => File.Delete(_log);

    [Fact]
    public async Task A_warm_worker_allocates_nothing_per_request()
    {
        const int requests = 2000;
        await using var upstream = RawServer.Answering("HTTP/1.1 200 OK\r\nserver: nginx\r\ncontent-length: 5\r\nx-a: b\r\n\r\nhello");
        var mesh = new TestMesh(_log).Cluster("c", upstream.Address).Routes().Host("svc", ["svc.example"]).Route("default", "/", TestMesh.To("c"), decorator: "svc:80/*");
        await using var proxy = await RunningProxy.HttpAsync(mesh, config => new Fairlead.Proxy.Snapshot.HttpConnectionManagerConfig
        {
            StatPrefix = config.StatPrefix, Codec = config.Codec, InlineRoutes = config.InlineRoutes, Filters = config.Filters, ServerName = config.ServerName,
            ServerHeader = config.ServerHeader, Stats = config.Stats, NormalizePath = true, Tracing = config.Tracing,
            AccessLogs = [new Fairlead.Proxy.Snapshot.AccessLogConfig(_log, new FixedLogFormat(), null)],
        });
        using var client = await proxy.ConnectAsync();
        await RunAsync(client, 500);

        var before = await AllocatedAsync(proxy);
        await RunAsync(client, requests);
        var after = await AllocatedAsync(proxy);

        // The two measurements themselves post work to the loop; a budget of a few KB over 2000 requests is nothing per request.
        (after - before).ShouldBeLessThan(8 * 1024);
        (await proxy.LogLinesAsync(2500)).Length.ShouldBe(2500);
    }

    private static async Task<long> AllocatedAsync(RunningProxy proxy)
    {
        long bytes = 0;
        await proxy.Sidecar.OnAllAsync(_ => bytes = GC.GetAllocatedBytesForCurrentThread());
        return bytes;
    }

    private static async Task RunAsync(Socket client, int requests)
    {
        var request = Encoding.ASCII.GetBytes("GET /api/v1/items?id=42 HTTP/1.1\r\nHost: svc.example\r\nAccept: */*\r\nUser-Agent: wrk/4.1.0\r\nx-b3-traceid: 463ac35c9f6413ad\r\n\r\n");
        for (var i = 0; i < requests; i++)
        {
            await client.SendAsync(request);
            (await RunningProxy.ReadUntilAsync(client, text => text.EndsWith("hello", StringComparison.Ordinal))).ShouldStartWith("HTTP/1.1 200 OK");
        }
    }

    private sealed class FixedLogFormat : LogFormat
    {
        public override bool TryFormat(StreamInfo info, Span<byte> destination, out int written)
        {
            var writer = new Utf8Writer(destination);
            writer.Write(info.ResponseCode);
            writer.Write((byte)' ');
            writer.Write(info.UpstreamHost);
            writer.Write((byte)'\n');
            written = writer.Written;
            return !writer.Overflowed;
        }
    }
}
