using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Ingest;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate;

namespace Fairlead.Golden;

/// <summary>What a change costs: only what depends on it is made anew, and equal things are one thing.</summary>
public sealed class SharingTests
{
    private static readonly ProxyIdentity First = IncrementalTests.Proxy("default", "app0");
    private static readonly ProxyIdentity Second = IncrementalTests.Proxy("default", "app1");

    [Fact]
    public void Proxies_that_see_the_same_share_the_bytes()
    {
        var (generator, snapshot) = (new XdsGenerator(), MeshSnapshot.Build(Mesh()));
        var one = generator.Generate(snapshot, First, XdsTypes.Route, ["80"]).Items[0];
        var made = generator.TranslationsMade;
        generator.Generate(snapshot, Second, XdsTypes.Route, ["80"]).Items[0].ShouldBeSameAs(one);
        generator.TranslationsMade.ShouldBe(made);
    }

    [Fact]
    public void An_endpoint_change_touches_that_cluster_alone()
    {
        var generator = new XdsGenerator();
        var view = Mesh();
        var before = MeshSnapshot.Build(view);
        string[] clusters = ["outbound|80||one.example", "outbound|80||svc.default.svc.cluster.local"];
        var (listeners, allClusters) = (generator.Generate(before, First, XdsTypes.Listener, []), generator.Generate(before, First, XdsTypes.Cluster, []));
        var endpoints = generator.Generate(before, First, XdsTypes.Endpoints, clusters);
        var made = generator.TranslationsMade;

        var after = MeshSnapshot.Build(IncrementalTests.Apply(view, (Slice("10.244.0.9"), false)), before);

        after.RoutingGeneration.ShouldBeSameAs(before.RoutingGeneration);
        generator.Generate(after, First, XdsTypes.Listener, []).ShouldBeSameAs(listeners);
        generator.Generate(after, First, XdsTypes.Cluster, []).ShouldBeSameAs(allClusters);
        var changed = generator.Generate(after, First, XdsTypes.Endpoints, clusters);
        changed.Items[0].ShouldBeSameAs(endpoints.Items[0]);
        changed.Items[1].Version.ShouldNotBe(endpoints.Items[1].Version);
        generator.TranslationsMade.ShouldBe(made + 1);
    }

    [Fact]
    public void A_rule_change_touches_its_route_tables_alone()
    {
        var generator = new XdsGenerator();
        var view = Mesh();
        var before = MeshSnapshot.Build(view);
        string[] tables = ["80", "81"];
        var routes = generator.Generate(before, First, XdsTypes.Route, tables);
        var clusters = generator.Generate(before, First, XdsTypes.Cluster, []);
        var listeners = generator.Generate(before, First, XdsTypes.Listener, []);
        var made = generator.TranslationsMade;

        var after = MeshSnapshot.Build(IncrementalTests.Apply(view, (Rule("9s"), false)), before);
        var changed = generator.Generate(after, First, XdsTypes.Route, tables);

        changed.Items[0].Version.ShouldNotBe(routes.Items[0].Version);
        changed.Items[1].ShouldBeSameAs(routes.Items[1]);
        generator.Generate(after, First, XdsTypes.Cluster, []).Items.ShouldBe(clusters.Items);
        generator.Generate(after, First, XdsTypes.Listener, []).Items.ShouldBe(listeners.Items);
        generator.TranslationsMade.ShouldBe(made + 1);
    }

    [Fact]
    public void A_status_is_no_change()
    {
        var view = Mesh();
        var before = MeshSnapshot.Build(view);
        var entry = Entry("two", 81);
        entry.Root["status"] = new JsonObject { ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Accepted", ["status"] = "True" }) };
        var after = MeshSnapshot.Build(IncrementalTests.Apply(view, (entry, false)), before);
        after.Services.ShouldBeSameAs(before.Services);
        after.RoutingGeneration.ShouldBeSameAs(before.RoutingGeneration);
    }

    private static ResourceView Mesh() => ResourceView.Of(
    [
        Entry("one", 80),
        Entry("two", 81),
        Rule("1s"),
        Slice("10.244.0.7"),
        Parse("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"svc","namespace":"default"},"spec":{"clusterIP":"10.96.0.7","ports":[{"name":"http","port":80}]}}"""),
    ]);

    private static KubeObject Entry(string name, int port) => Parse(
        $$$"""{"apiVersion":"networking.istio.io/v1","kind":"ServiceEntry","metadata":{"name":"{{{name}}}","namespace":"default"},"spec":{"hosts":["{{{name}}}.example"],"resolution":"STATIC","endpoints":[{"address":"198.51.100.1"}],"ports":[{"number":{{{port}}},"name":"http","protocol":"HTTP"}]}}""");

    private static KubeObject Rule(string timeout) => Parse(
        $$$"""{"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"one","namespace":"default"},"spec":{"hosts":["one.example"],"http":[{"timeout":"{{{timeout}}}","route":[{"destination":{"host":"one.example"}}]}]}}""");

    private static KubeObject Slice(string address) => Parse(
        $$$"""{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"svc-1","namespace":"default","labels":{"kubernetes.io/service-name":"svc"}},"addressType":"IPv4","ports":[{"name":"http","port":80}],"endpoints":[{"addresses":["{{{address}}}"]}]}""");

    private static KubeObject Parse(string json) => KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(json));
}
