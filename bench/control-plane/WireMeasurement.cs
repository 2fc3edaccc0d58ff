using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Scale;
using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Translate;
using Fairlead.KubeClient;

namespace Fairlead.ControlPlane.Scale;

/// <summary>The published control plane between the published API server and simulated proxies, all processes of their own; figures are of the control plane alone.</summary>
internal sealed class WireMeasurement(string executable, MeshSize size, TimeProvider time)
{
    private const int Changes = 20;

    /// <summary>After a change, how long what belongs to it may take to arrive before it is counted as missing.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    /// <summary>Without any change, until memory is called steady.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private Process proxies = null!;

    public static string Header => "| services | entries | rules | proxies | first push CPU s | push again CPU s | MB per proxy | endpoint change p99 ms | its CPU ms | rule change p99 ms | its CPU ms | its types, KB per proxy | RSS MB after the changes | RSS MB steady | RSS MB most |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|";

    public async Task<string> RunAsync()
    {
        var state = Directory.CreateTempSubdirectory("fairlead-scale-").FullName;
        try
        {
            using var server = await Server.StartAsync(executable, state);
            var kubeconfig = Path.Combine(state, "kubeconfig", "admin.conf");
            using var connection = new KubeConnection(KubeConfig.Load(kubeconfig), time);
            await StoreAsync(connection);
            await ShowControlPlaneAsync(connection);
            using var plane = Process.Start(new ProcessStartInfo(executable, ["control-plane", "--kubeconfig", kubeconfig, "--listen-address", "127.0.0.1", "--log-level", "Error"]))!;
            try
            {
                await WaitAsync(connection, plane);
                return await MeasureAsync(connection, plane);
            }
            finally
            {
                plane.Kill();
                await plane.WaitForExitAsync();
            }
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    private async Task<string> MeasureAsync(KubeConnection connection, Process plane)
    {
        using var most = new Peak(plane, time);
        var first = await ConnectAsync(plane);
        await StopAsync();
        var again = await ConnectAsync(plane);
        var megabytes = again.Bytes / 1e6 / size.Proxies;
        try
        {
            var endpoints = await RepeatAsync(connection, plane, turn => (KindTable.EndpointSlice, MeshObjects.Slice(turn % size.Services, size, turn + 1)), XdsTypes.Endpoints);
            var rules = await RepeatAsync(connection, plane, turn => (KindTable.FindByPlural("networking.istio.io", "virtualservices")!, MeshObjects.Rule(turn % size.Rules, size, turn + 2)), XdsTypes.Route);
            plane.Refresh();
            var after = plane.WorkingSet64;
            await Task.Delay(Rest, time);
            plane.Refresh();
            return string.Create(CultureInfo.InvariantCulture,
                $"| {size.Services} | {size.Entries} | {size.Rules} | {size.Proxies} | {first.Cpu:F1} | {again.Cpu:F1} | {megabytes:F2} | {endpoints.P99:F0} | {endpoints.Cpu:F0} | {rules.P99:F0} | {rules.Cpu:F0} | {rules.Types} {rules.Kilobytes:F1} | {after / 1e6:F0} | {plane.WorkingSet64 / 1e6:F0} | {most.Bytes / 1e6:F0} |");
        }
        finally
        {
            await StopAsync();
        }
    }

    /// <summary>Objects as an API server takes them: no selectors, so that its own controllers keep out of the slices.</summary>
    private async Task StoreAsync(KubeConnection connection)
    {
        for (var i = 0; i < size.Namespaces; i++)
            await connection.CreateAsync(KindTable.Namespace, new KubeObject(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = $"ns{i}" } }));
        await Parallel.ForEachAsync(MeshObjects.All(size), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (made, cancel) =>
        {
            if (made.Root["spec"] is JsonObject spec)
            {
                spec.Remove("selector");
                spec.Remove("clusterIP");
            }
            await connection.CreateAsync(KindTable.Find(made)!, made, cancel);
        });
    }

    /// <summary>Where a node runs, it shows the control plane as a pod, by which the API server finds the webhooks; here there is none.</summary>
    private static async Task ShowControlPlaneAsync(KubeConnection connection)
    {
        await connection.CreateAsync(KindTable.Pod, new KubeObject((JsonObject)JsonNode.Parse("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"istiod","namespace":"istio-system","labels":{"app":"istiod","istio":"pilot"}},
             "spec":{"nodeName":"none","containers":[{"name":"discovery","image":"none","ports":[{"containerPort":15012,"name":"https-dns"},{"containerPort":15017,"name":"https-webhook"},{"containerPort":15014,"name":"http-monitoring"}]}]}}
            """)!));
        await connection.PatchAsync(KindTable.Pod, "istio-system", "istiod", PatchType.Merge, JsonNode.Parse("""
            {"status":{"phase":"Running","podIP":"127.0.0.1","podIPs":[{"ip":"127.0.0.1"}],"conditions":[{"type":"Ready","status":"True"}]}}
            """)!, "status");
    }

    private async Task WaitAsync(KubeConnection connection, Process plane)
    {
        while (await connection.FindAsync(KindTable.MutatingWebhookConfiguration, null, "istio-sidecar-injector") is null)
        {
            if (plane.HasExited)
                throw new InvalidOperationException("the control plane ended before it served");
            await Task.Delay(TimeSpan.FromMilliseconds(100), time);
        }
        await Task.Delay(Settling, time);
    }

    private async Task<(double Cpu, long Bytes)> ConnectAsync(Process plane)
    {
        var before = Cpu(plane);
        proxies = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Self(), "--proxies", size.Text]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        if (await proxies.StandardOutput.ReadLineAsync() != "ready")
            throw new InvalidOperationException("the simulated proxies did not get everything");
        await Task.Delay(Settling, time);
        var cpu = (Cpu(plane) - before).TotalSeconds;
        return (cpu, (await AskAsync("report")).Sum(type => type.Value.Bytes));
    }

    /// <summary>Under <c>dotnet X.dll</c> the process path is dotnet's.</summary>
    private static string[] Self() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(WireMeasurement).Assembly.Location] : [];

    private async Task StopAsync()
    {
        proxies.Kill();
        await proxies.WaitForExitAsync();
        proxies.Dispose();
        await Task.Delay(Settling, time);
    }

    private async Task<(double P99, double Cpu, string Types, double Kilobytes)> RepeatAsync(KubeConnection connection, Process plane, Func<int, (KindDescriptor Kind, KubeObject Object)> next, string type)
    {
        var late = new List<double>();
        var cpu = 0.0;
        var (bytes, types) = (0L, new SortedSet<string>());
        for (var turn = 0; turn < Changes; turn++)
        {
            await AskAsync("mark");
            var (kind, changed) = next(turn);
            var patch = changed.Root.ContainsKey("endpoints") ? new JsonObject { ["endpoints"] = changed.Root["endpoints"]!.DeepClone() } : new JsonObject { ["spec"] = changed.Root["spec"]!.DeepClone() };
            var before = Cpu(plane);
            var began = time.GetTimestamp();
            await connection.PatchAsync(kind, changed.Namespace, changed.Name, PatchType.Merge, patch);
            await Task.Delay(Settling, time);
            cpu += (Cpu(plane) - before).TotalMilliseconds;
            var came = await AskAsync("report");
            var reached = came[type];
            if (reached.Proxies != size.Proxies)
                throw new InvalidOperationException($"change {turn} of {kind.Kind} reached {reached.Proxies} of {size.Proxies} proxies");
            late.Add(time.GetElapsedTime(began, reached.P99).TotalMilliseconds);
            bytes += came.Sum(one => one.Value.Bytes);
            types.UnionWith(came.Where(one => one.Value.Proxies > 0).Select(one => one.Key[(one.Key.LastIndexOf('.') + 1)..]));
        }
        return (late.Max(), cpu / Changes, string.Join('+', types), bytes / 1e3 / Changes / size.Proxies);
    }

    private async Task<Dictionary<string, (int Proxies, long Bytes, long P99)>> AskAsync(string command)
    {
        await proxies.StandardInput.WriteLineAsync(command);
        await proxies.StandardInput.FlushAsync();
        var found = new Dictionary<string, (int, long, long)>();
        while (await proxies.StandardOutput.ReadLineAsync() is { } line && line != "done")
        {
            var words = line.Split(' ');
            found[words[0]] = (int.Parse(words[1]), long.Parse(words[3]), long.Parse(words[4]));
        }
        return found;
    }

    private static TimeSpan Cpu(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    /// <summary>The most resident memory that a process had, looked at 20 times a second.</summary>
    private sealed class Peak : IDisposable
    {
        private readonly ITimer timer;

        public Peak(Process process, TimeProvider time) => timer = time.CreateTimer(
            _ => Bytes = Math.Max(Bytes, long.Parse(File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]) * 1024),
            null, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));

        public long Bytes { get; private set; }

        public void Dispose() => timer.Dispose();
    }
}
