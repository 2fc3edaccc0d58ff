using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;
using Fairlead.ControlPlane.Ingest;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate;

namespace Fairlead.Golden;

/// <summary>One input file: the mesh, who asks, and which resources are of interest.</summary>
internal sealed class GoldenCase
{
    private readonly MeshSnapshot snapshot;
    private readonly ProxyIdentity proxy;
    private readonly JsonObject show;

    private GoldenCase(IEnumerable<KubeObject> objects, JsonObject proxySpec)
    {
        snapshot = MeshSnapshot.Build(ResourceView.Of(objects));
        var ip = proxySpec.Text("ip") is { Length: > 0 } given ? given : "10.244.0.9";
        var ns = proxySpec.Text("namespace") is { Length: > 0 } named ? named : "default";
        proxy = new ProxyIdentity($"sidecar~{ip}~client.{ns}~{ns}.svc.cluster.local", ip, "client", ns)
        {
            Labels = proxySpec.TextMap("labels"),
            Metadata = proxySpec.TextMap("metadata"),
            ProxyConfig = proxySpec.Object("config") is { } config ? ProxySettings.Read(config) : null,
        };
        show = proxySpec.Object("show") ?? [];
    }

    public static GoldenCase Read(string yaml)
    {
        var documents = new YamlReader().Read(yaml, "case");
        documents.SelectMany(document => document.Faults).ShouldBeEmpty();
        var objects = documents.Select(document => document.Object!).ToArray();
        var asking = objects.Single(item => item.Kind == "Proxy");
        foreach (var item in objects.Where(item => item != asking))
            KindTable.Find(item).ShouldNotBeNull($"{item.ApiVersion} {item.Kind} is no kind that is read");
        return new GoldenCase(objects.Where(item => item != asking), asking.Spec ?? []);
    }

    public string Translate()
    {
        var generator = new XdsGenerator();
        var made = new JsonObject();
        Add(made, "listeners", generator.Generate(snapshot, proxy, XdsTypes.Listener, []));
        Add(made, "routes", generator.Generate(snapshot, proxy, XdsTypes.Route, [.. show.TextList("routes")]));
        Add(made, "clusters", generator.Generate(snapshot, proxy, XdsTypes.Cluster, []));
        Add(made, "endpoints", generator.Generate(snapshot, proxy, XdsTypes.Endpoints, [.. show.TextList("endpoints")]));
        if (show.Flag("names"))
            made["names"] = Names(generator);
        var findings = snapshot.Findings.Concat(generator.FindingsFor(snapshot, proxy)).ToArray();
        if (findings.Length > 0)
        {
            made["findings"] = new JsonArray([.. findings.Select(finding => new JsonObject
            {
                ["object"] = finding.Object.ToString(),
                ["field"] = finding.Field,
                ["code"] = finding.Code,
                ["message"] = finding.Message,
            })]);
        }

        // Istio's formats are long and everywhere; AccessLogFormatTests has them in full.
        return YamlText.Print(made)
            .Replace(YamlText.Scalar(JsonValue.Create(AccessLogFormats.Text)), "(Istio's text format)", StringComparison.Ordinal);
    }

    /// <summary>The names alone, to show what is there and what is not.</summary>
    private JsonObject Names(XdsGenerator generator) => new()
    {
        ["listeners"] = NamesOf(generator.Generate(snapshot, proxy, XdsTypes.Listener, [])),
        ["clusters"] = NamesOf(generator.Generate(snapshot, proxy, XdsTypes.Cluster, [])),
    };

    private static JsonArray NamesOf(XdsResources resources) => new([.. resources.Items.Select(item => (JsonNode?)JsonValue.Create(item.Name))]);

    private void Add(JsonObject made, string type, XdsResources resources)
    {
        var wanted = show.TextList(type);
        var shown = wanted.Select(name => resources.Items.FirstOrDefault(item => item.Name == name)).ToArray();
        if (wanted.Count > 0)
        {
            made[type] = new JsonArray([.. wanted.Zip(shown).Select(pair =>
                pair.Second is { } found ? XdsText.ToJson(found) : new JsonObject { ["name"] = pair.First, ["absent"] = true })]);
        }
    }
}
