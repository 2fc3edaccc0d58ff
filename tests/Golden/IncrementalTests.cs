using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Ingest;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate;

namespace Fairlead.Golden;

/// <summary>However the mesh came about, what proxies are sent is what a fresh start sends for the same resources.</summary>
public sealed class IncrementalTests
{
    private static readonly string[] Types = [XdsTypes.Cluster, XdsTypes.Endpoints, XdsTypes.Listener, XdsTypes.Route];

    private static readonly ProxyIdentity[] Proxies =
    [
        Proxy("default", "app0"),
        Proxy("default", "app1"),
        Proxy("team", "app0"),
        Proxy("team", "app1") with { Metadata = new Dictionary<string, string> { ["DNS_CAPTURE"] = "true" }.ToValueMap() },
    ];

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Any_sequence_of_changes_gives_what_a_fresh_start_gives(int seed)
    {
        var mesh = new RandomMesh(seed);
        var generator = new XdsGenerator();
        var view = ResourceView.Empty;
        MeshSnapshot? snapshot = null;
        for (var step = 0; step < 40; step++)
        {
            view = Apply(view, mesh.Next());
            snapshot = MeshSnapshot.Build(view, snapshot);
            // Asking at every step fills every memo that could go stale.
            var incremental = Everything(generator, snapshot);
            var fresh = Everything(new XdsGenerator(), MeshSnapshot.Build(view));
            incremental.ShouldBe(fresh, $"seed {seed}, step {step}");
        }
    }

    /// <summary>A replica that came later read the objects in another order and never saw what was changed or deleted since.</summary>
    [Theory]
    [InlineData(101)]
    [InlineData(102)]
    [InlineData(103)]
    public void Replicas_give_identical_resources(int seed)
    {
        var mesh = new RandomMesh(seed);
        var (generator, view, snapshot) = (new XdsGenerator(), ResourceView.Empty, (MeshSnapshot?)null);
        for (var step = 0; step < 120; step++)
        {
            view = Apply(view, mesh.Next());
            if (step % 7 != 0)
                continue;
            snapshot = MeshSnapshot.Build(view, snapshot);
            Everything(generator, snapshot);
        }
        var random = new Random(seed);
        var objects = KindTable.All.SelectMany(kind => view.All(kind)).OrderBy(_ => random.Next()).ToArray();
        objects.Length.ShouldBeGreaterThan(20);
        var other = objects.Aggregate(ResourceView.Empty, (gathered, item) => gathered.With(KindTable.Find(item)!, item));
        Everything(new XdsGenerator(), MeshSnapshot.Build(other)).ShouldBe(Everything(generator, MeshSnapshot.Build(view, snapshot)));
    }

    [Fact]
    public void The_changes_are_not_all_the_same()
    {
        var mesh = new RandomMesh(1);
        var view = Enumerable.Range(0, 200).Aggregate(ResourceView.Empty, (view, _) => Apply(view, mesh.Next()));
        var found = Everything(new XdsGenerator(), MeshSnapshot.Build(view));
        found.Count.ShouldBeGreaterThan(60);
        MeshSnapshot.Build(view).Findings.ShouldNotBeEmpty();
    }

    internal static ResourceView Apply(ResourceView view, (KubeObject Object, bool Delete) change)
    {
        var kind = KindTable.Find(change.Object).ShouldNotBeNull();
        return change.Delete ? view.Without(kind, ResourceKey.Of(change.Object)) : view.With(kind, RelevantContent.Of(kind, change.Object));
    }

    internal static ProxyIdentity Proxy(string ns, string app) =>
        new($"sidecar~10.244.0.1~{app}.{ns}~{ns}.svc.cluster.local", "10.244.0.1", app, ns)
        {
            Labels = new Dictionary<string, string> { ["app"] = app }.ToValueMap(),
        };

    private static List<string> Everything(XdsGenerator generator, MeshSnapshot snapshot)
    {
        string[] routes = ["80", "81", "82", "a.example:80", "svc0.default.svc.cluster.local:80"];
        var found = new List<string>();
        foreach (var proxy in Proxies)
        {
            var clusters = generator.Generate(snapshot, proxy, XdsTypes.Cluster, []).Items.Select(cluster => cluster.Name).ToArray();
            foreach (var type in Types)
            {
                var made = generator.Generate(snapshot, proxy, type, type == XdsTypes.Route ? routes : clusters);
                found.AddRange(made.Items.Select(item => $"{proxy.Id} {item.TypeUrl} {item.Name} {item.Version}"));
                found.AddRange(made.Missing.Select(name => $"{proxy.Id} {type} {name} missing"));
            }

            found.AddRange(generator.FindingsFor(snapshot, proxy).Select(finding => $"{proxy.Id} {finding}"));
        }

        found.AddRange(snapshot.Findings.Select(finding => finding.ToString()));
        return found;
    }
}
