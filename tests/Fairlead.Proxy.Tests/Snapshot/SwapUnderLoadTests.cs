using System.Net;
using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Snapshot;

/// <summary>Configuration changes while requests run: endpoints come and go, clusters and listeners are made anew; no request is lost.</summary>
public sealed class SwapUnderLoadTests
{
    private const int Clients = 8;
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10); // a hang fails the test; no outcome depends on it

    [Fact]
    public Task Three_hundred_swaps_lose_no_request() => SwapAsync(300);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Ten_thousand_swaps_lose_no_request() => SwapAsync(10_000);

    private static async Task SwapAsync(int swaps)
    {
        await using var one = RawServer.Answering(Answer);
        await using var two = RawServer.Answering(Answer);
        var mesh = new TestMesh().Routes().Host("svc", ["*"]).Route("default", "/", TestMesh.To("up")).Cluster("up", one.Address);
        var listener = mesh.Listener("http", RunningProxy.AnyPort, mesh.Manager());
        await using var proxy = await RunningProxy.StartAsync(mesh, listener);
        using var stop = new CancellationTokenSource(Patience);
        var done = 0;
        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            using var client = new HttpClient();
            while (!stop.IsCancellationRequested)
            {
                using var response = await client.GetAsync(new Uri($"http://{proxy.Address}/"));
                response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
                Interlocked.Increment(ref done);
            }
        })).ToArray();
        for (var swap = 0; swap < swaps; swap++)
        {
            IPEndPoint[] endpoints = (swap % 3) switch { 0 => [two.Address], 1 => [one.Address, two.Address], _ => [one.Address] };
            mesh.Cluster("up", endpoints);
            // Every tenth is a new filter chain: connections of the old one finish their request and go.
            if (swap % 10 == 9) listener = mesh.Listener("http", RunningProxy.AnyPort, mesh.Manager());
            proxy.Store.Publish(mesh.Snapshot(swap + 2, listener));
            // The next swap comes when the load has met this one.
            var met = Volatile.Read(ref done) + 2;
            while (Volatile.Read(ref done) < met && !clients.Any(client => client.IsCompleted)) await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, stop.Token);
            if (clients.Any(client => client.IsCompleted)) break;
        }
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        done.ShouldBeGreaterThan(swaps);
        proxy.Reports.ShouldBeEmpty();
    }
}
