using System.Diagnostics;
using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Ingest;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate;

namespace Fairlead.ControlPlane.Scale;

/// <summary>One mesh: a fresh start, then endpoint changes and rule changes one at a time, each followed by asking for every proxy.</summary>
internal sealed class Measurement(MeshSize size, TimeProvider time)
{
    private const int Changes = 20;

    private readonly XdsGenerator generator = new();
    private readonly ProxyIdentity[] proxies = [.. Enumerable.Range(0, size.Proxies).Select(i => MeshObjects.Proxy(i, size))];

    public static string Header =>
        "| services | entries | rules | proxies | ingest ms | snapshot ms | full push CPU ms | distinct resources | MB per proxy | endpoint change ms (max) | rule change ms (max) | RSS MB |\n|---|---|---|---|---|---|---|---|---|---|---|---|";

    public string Run()
    {
        var (ingest, view) = Timed(() => ResourceView.Of(MeshObjects.All(size)));
        var (build, snapshot) = Timed(() => MeshSnapshot.Build(view));
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var bytes = proxies.Sum(proxy => AskForEverything(snapshot, proxy));
        var full = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds;
        var distinct = generator.TranslationsMade;

        var endpointChange = Repeat(ref view, ref snapshot, turn => MeshObjects.Slice(turn % size.Services, size, turn + 1), EndpointsOfChanged);
        var ruleChange = Repeat(ref view, ref snapshot, turn => MeshObjects.Rule(turn % size.Rules, size, turn + 2), RoutesOfAll);
        GC.Collect();
        Process.GetCurrentProcess().Refresh();
        return FormattableString.Invariant(
            $"| {size.Services} | {size.Entries} | {size.Rules} | {size.Proxies} | {ingest:F0} | {build:F0} | {full:F0} | {distinct} | {bytes / 1e6 / size.Proxies:F2} | {endpointChange.Mean:F0} ({endpointChange.Max:F0}) | {ruleChange.Mean:F0} ({ruleChange.Max:F0}) | {Process.GetCurrentProcess().WorkingSet64 / 1e6:F0} |");
    }

    private long AskForEverything(MeshSnapshot snapshot, ProxyIdentity proxy)
    {
        var clusters = generator.Generate(snapshot, proxy, XdsTypes.Cluster, []);
        var load = clusters.Items.Select(cluster => cluster.Name).Where(name => name.EndsWith(".svc.cluster.local", StringComparison.Ordinal)).ToArray();
        XdsResources[] all =
        [
            clusters,
            generator.Generate(snapshot, proxy, XdsTypes.Endpoints, load),
            generator.Generate(snapshot, proxy, XdsTypes.Listener, []),
            generator.Generate(snapshot, proxy, XdsTypes.Route, Tables),
        ];
        return all.Sum(type => type.Items.Sum(item => (long)item.Body.Length));
    }

    private static string[] Tables => ["80", "8000", "8001", "8002", "8003"];

    /// <summary>The short path: the changed cluster of every proxy.</summary>
    private void EndpointsOfChanged(MeshSnapshot snapshot, KubeObject changed)
    {
        var service = changed.Labels["kubernetes.io/service-name"];
        var number = int.Parse(service.AsSpan(3));
        string[] name = [$"outbound|{8000 + (number % 4)}||{service}.{changed.Namespace}.svc.cluster.local"];
        foreach (var proxy in proxies)
            generator.Generate(snapshot, proxy, XdsTypes.Endpoints, name);
    }

    private void RoutesOfAll(MeshSnapshot snapshot, KubeObject changed)
    {
        foreach (var proxy in proxies)
        {
            generator.Generate(snapshot, proxy, XdsTypes.Cluster, []);
            generator.Generate(snapshot, proxy, XdsTypes.Listener, []);
            generator.Generate(snapshot, proxy, XdsTypes.Route, Tables);
        }
    }

    private static (double Mean, double Max) Repeat(
        ref ResourceView view, ref MeshSnapshot snapshot, Func<int, KubeObject> next, Action<MeshSnapshot, KubeObject> ask)
    {
        var took = new List<double>();
        for (var turn = 0; turn < Changes; turn++)
        {
            var changed = next(turn);
            var kind = KindTable.Find(changed)!;
            var began = Process.GetCurrentProcess().TotalProcessorTime;
            view = view.With(kind, RelevantContent.Of(kind, changed));
            snapshot = MeshSnapshot.Build(view, snapshot);
            ask(snapshot, changed);
            took.Add((Process.GetCurrentProcess().TotalProcessorTime - began).TotalMilliseconds);
        }

        return (took.Average(), took.Max());
    }

    private (double Milliseconds, T Result) Timed<T>(Func<T> work)
    {
        var began = time.GetTimestamp();
        var result = work();
        return (time.GetElapsedTime(began).TotalMilliseconds, result);
    }
}
