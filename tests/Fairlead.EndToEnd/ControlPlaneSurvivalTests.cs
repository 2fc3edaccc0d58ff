using System.Globalization;
using System.Text.Json.Nodes;
using Envoy.Config.Cluster.V3;
using Fairlead.Config.Kinds;
using Fairlead.ControlPlane;
using Fairlead.KubeClient;
using Fairlead.Xds.Names;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.EndToEnd;

/// <summary>A control plane between a real API server and proxies that misbehave: it goes on for the others, and nothing grows.</summary>
public sealed class ControlPlaneSurvivalTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // a hang fails the test; no outcome depends on it

    /// <summary>Enough that their clusters do not fit into what a connection buffers.</summary>
    private const int Hosts = 1500;
    private const int HostsOfAnEntry = 250;

    private readonly string state = Directory.CreateTempSubdirectory("fairlead-survival-").FullName;
    private readonly CancellationTokenSource stop = new();
    private readonly HttpClient monitor = new();
    private RunningApiServer server = null!;
    private KubeConnection kube = null!;
    private ControlPlaneProcess plane = null!;
    private Task running = Task.CompletedTask;
    private Uri discovery = null!;

    public async Task InitializeAsync()
    {
        server = await RunningApiServer.StartAsync(state);
        try
        {
            await StartAsync();
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private async Task StartAsync()
    {
        kube = server.Connect();
        plane = new ControlPlaneProcess(
            new ControlPlaneOptions { Kube = server.Config, ListenAddress = System.Net.IPAddress.Loopback, SecureDiscoveryPort = 0, PlainDiscoveryPort = 0, MonitoringPort = 0, WebhookPort = 0 },
            TimeProvider.System, new Random(1), NullLoggerFactory.Instance);
        running = plane.RunAsync(stop.Token);
        var urls = (await plane.Listening.WaitAsync(Patience, TimeProvider.System)).Select(url => new Uri(url)).ToArray();
        discovery = urls[1];
        monitor.BaseAddress = urls[2];
        await UntilAsync(async () => (await monitor.GetAsync("/ready")).IsSuccessStatusCode);
        await ShowAsync(urls[^1].Port);
        await UntilAsync(async () => await kube.FindAsync(KindTable.ValidatingWebhookConfiguration, null, "istio-validator-istio-system") is not null);
        // The webhooks fail closed: nothing is written before the server has found where to ask them.
        await UntilAsync(async () => (await kube.ListAsync(KindTable.EndpointSlice)).Items.Any(slice =>
            slice.Root["endpoints"] is JsonArray { Count: > 0 } && slice.Root["ports"] is JsonArray ports && ports.Any(port => port!["port"]!.GetValue<long>() == urls[^1].Port)));
    }

    public async Task DisposeAsync()
    {
        await stop.CancelAsync();
        await running.WaitAsync(Patience, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await plane.DisposeAsync();
        await server.DisposeAsync();
    }

    public void Dispose()
    {
        kube?.Dispose();
        monitor.Dispose();
        stop.Dispose();
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task A_proxy_that_never_reads_holds_one_push_and_nobody_up()
    {
        for (var from = 0; from < Hosts; from += HostsOfAnEntry)
            await ApplyAsync(Entry($"many{from}", 80, [.. Enumerable.Range(from, HostsOfAnEntry).Select(i => $"host{i}.example")]));
        using var good = await TestProxy.ConnectAsync(discovery, "good");
        good.Subscribe(TypeUrl.Cluster);
        await ReadUntilAsync(good, clusters => clusters.Contains($"outbound|80||host{Hosts - 1}.example"));
        using (var stuck = await TestProxy.ConnectAsync(discovery, "stuck"))
        {
            stuck.Subscribe(TypeUrl.Cluster);
            await UntilAsync(async () => await MetricAsync("pilot_xds") == 2 && await SentAsync("stuck") > 0);
            var (first, before) = (await SentAsync("stuck"), await SentAsync("good"));
            for (var change = 0; change < 20; change++)
            {
                await ApplyAsync(Entry("changing", 1000 + change, ["changing.example"]));
                await ReadUntilAsync(good, clusters => clusters.Contains($"outbound|{1000 + change}||changing.example"));
            }
            (await SentAsync("stuck")).ShouldBe(first, "a push went out before the one before it was answered");
            (await SentAsync("good")).ShouldBeGreaterThan(before);
        }
        await UntilAsync(async () => await MetricAsync("pilot_xds") == 1);
    }

    [Fact]
    public async Task A_proxy_that_refuses_is_not_asked_again_until_something_changes()
    {
        await ApplyAsync(Entry("first", 80, ["first.example"]));
        using var proxy = await TestProxy.ConnectAsync(discovery, "stubborn");
        proxy.Subscribe(TypeUrl.Cluster);
        var refused = await proxy.ReadAsync();
        proxy.Answer(refused, "clusters: I do not like them");
        // What comes next is the answer to this, not the clusters once more.
        proxy.Subscribe(TypeUrl.Listener);
        var listeners = await proxy.ReadAsync();
        listeners.TypeUrl.ShouldBe(TypeUrl.Listener);
        proxy.Answer(listeners);
        (await MetricAsync("pilot_total_xds_rejects{type=\"CDS\"}")).ShouldBe(1);
        await ApplyAsync(Entry("second", 81, ["second.example"]));
        var clusters = await ReadUntilAsync(proxy, clusters => clusters.Contains("outbound|81||second.example"));
        clusters.ShouldContain("outbound|80||first.example");
    }

    [Fact]
    public async Task While_the_API_server_is_away_proxies_are_served_and_afterwards_nothing_is_missing()
    {
        await ApplyAsync(Entry("before", 80, ["before.example"]));
        using var old = await TestProxy.ConnectAsync(discovery, "old");
        old.Subscribe(TypeUrl.Cluster);
        var known = await ReadUntilAsync(old, clusters => clusters.Contains("outbound|80||before.example"));
        var port = server.Config.Server.Port;
        await server.KillAsync();
        using var newcomer = await TestProxy.ConnectAsync(discovery, "newcomer");
        newcomer.Subscribe(TypeUrl.Cluster);
        (await ReadUntilAsync(newcomer, _ => true)).ShouldBe(known, "a proxy that comes while the API server is away");
        await server.DisposeAsync();
        server = await RunningApiServer.StartAsync(state, port, []);
        // The first tries may come before the control plane's webhooks are reachable again.
        await UntilAsync(async () => await TryApplyAsync(Entry("after", 81, ["after.example"])));
        string[] all = [.. known, "outbound|81||after.example"];
        (await ReadUntilAsync(old, clusters => clusters.Contains("outbound|81||after.example"))).Order(StringComparer.Ordinal).ShouldBe(all.Order(StringComparer.Ordinal));
        (await ReadUntilAsync(newcomer, clusters => clusters.Contains("outbound|81||after.example"))).Order(StringComparer.Ordinal).ShouldBe(all.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Writing_a_status_makes_no_config()
    {
        await ApplyAsync(Entry("older", 5432, ["older.example"], "TCP"));
        await ApplyAsync(Entry("younger", 5432, ["younger.example"], "TCP"));
        var kind = KindTable.ServiceEntry;
        await UntilAsync(async () => (await kube.FindAsync(kind, "default", "younger"))?.Root["status"]?["conditions"] is JsonArray { Count: > 0 });
        var made = await MetricAsync("fairlead_config_number");
        var version = (await kube.FindAsync(kind, "default", "older"))!.ResourceVersion;
        // The next config is this change's: had the statuses made some, the count would be higher.
        using var proxy = await TestProxy.ConnectAsync(discovery, "watcher");
        proxy.Subscribe(TypeUrl.Cluster);
        await ReadUntilAsync(proxy, _ => true);
        await kube.PatchAsync(kind, "default", "older", PatchType.Merge, JsonNode.Parse("""{"status":{"validationMessages":[]}}""")!, "status");
        (await kube.FindAsync(kind, "default", "older"))!.ResourceVersion.ShouldNotBe(version);
        await ApplyAsync(Entry("marker", 90, ["marker.example"]));
        await ReadUntilAsync(proxy, clusters => clusters.Contains("outbound|90||marker.example"));
        (await MetricAsync("fairlead_config_number")).ShouldBe(made + 1);
    }

    /// <summary>Acknowledges what comes until the clusters are as wanted.</summary>
    private static async Task<string[]> ReadUntilAsync(TestProxy proxy, Func<string[], bool> wanted)
    {
        while (true)
        {
            var response = await proxy.ReadAsync();
            proxy.Answer(response);
            if (response.TypeUrl != TypeUrl.Cluster)
                continue;
            string[] names = [.. response.Resources.Select(resource => resource.Unpack<Cluster>().Name)];
            if (wanted(names))
                return names;
        }
    }

    private static KubeObject Entry(string name, int port, string[] hosts, string protocol = "HTTP") => new(new JsonObject
    {
        ["apiVersion"] = "networking.istio.io/v1",
        ["kind"] = "ServiceEntry",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["spec"] = new JsonObject
        {
            ["hosts"] = new JsonArray([.. hosts.Select(host => (JsonNode)host)]),
            ["ports"] = new JsonArray(new JsonObject { ["number"] = port, ["name"] = "p", ["protocol"] = protocol }),
            ["resolution"] = "DNS",
        },
    });

    private async Task<bool> TryApplyAsync(KubeObject made)
    {
        try
        {
            await ApplyAsync(made);
            return true;
        }
        catch (Exception early) when (early is HttpRequestException or KubeStatusException)
        {
            return false;
        }
    }

    private async Task ApplyAsync(KubeObject made)
    {
        if (await kube.FindAsync(KindTable.ServiceEntry, "default", made.Name) is null)
            await kube.CreateAsync(KindTable.ServiceEntry, made);
        else
            await kube.PatchAsync(KindTable.ServiceEntry, "default", made.Name, PatchType.Merge, new JsonObject { ["spec"] = made.Root["spec"]!.DeepClone() });
    }

    /// <summary>A node shows the control plane as a pod, by which the API server finds the webhooks; here there is none, and the port is another.</summary>
    private async Task ShowAsync(int webhookPort)
    {
        var service = (await kube.FindAsync(KindTable.Service, "istio-system", "istiod")).ShouldNotBeNull();
        var ports = (JsonArray)service.Root["spec"]!["ports"]!.DeepClone();
        ports.Single(port => port!["port"]!.GetValue<long>() == 443)!["targetPort"] = webhookPort;
        await kube.PatchAsync(KindTable.Service, "istio-system", "istiod", PatchType.Merge, new JsonObject { ["spec"] = new JsonObject { ["ports"] = ports } });
        await kube.CreateAsync(KindTable.Pod, new KubeObject((JsonObject)JsonNode.Parse("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"istiod","namespace":"istio-system","labels":{"app":"istiod","istio":"pilot"}},
             "spec":{"nodeName":"none","containers":[{"name":"discovery","image":"none"}]}}
            """)!));
        await kube.PatchAsync(KindTable.Pod, "istio-system", "istiod", PatchType.Merge, JsonNode.Parse("""
            {"status":{"phase":"Running","podIP":"127.0.0.1","podIPs":[{"ip":"127.0.0.1"}],"conditions":[{"type":"Ready","status":"True"}]}}
            """)!, "status");
    }

    private async Task<double> MetricAsync(string series)
    {
        var text = await monitor.GetStringAsync("/metrics");
        var line = text.Split('\n').FirstOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(series.Length + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>Bytes that a proxy was sent, or that wait to be.</summary>
    private async Task<long> SentAsync(string name)
    {
        var proxies = (JsonArray)JsonNode.Parse(await monitor.GetStringAsync("/debug/syncz"))!;
        var proxy = proxies.FirstOrDefault(proxy => proxy!["proxy"]!.GetValue<string>().StartsWith(name + ".", StringComparison.Ordinal));
        return proxy?["types"]!.AsArray().Sum(type => type!["sentBytes"]!.GetValue<long>()) ?? 0;
    }

    private static async Task UntilAsync(Func<Task<bool>> met)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await met())
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
    }
}
