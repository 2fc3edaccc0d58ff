using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Node.Network;

namespace Fairlead.Node.Tests;

public sealed class ServiceRulesTests
{
    [Fact]
    public void A_service_with_one_ready_endpoint_is_translated_to_it()
    {
        var rules = ServiceRules.Render(Catalog("10.244.1.5"), "");
        rules.ShouldContain("ip daddr 10.96.3.4 tcp dport 80 dnat ip to 10.244.1.5:8080");
    }

    [Fact]
    public void Several_endpoints_are_drawn_at_random() =>
        ServiceRules.Render(Catalog("10.244.1.5", "10.244.1.6"), "").ShouldContain("numgen random mod 2 map { 0 : 10.244.1.5 . 8080, 1 : 10.244.1.6 . 8080 }");

    [Fact]
    public void Without_endpoints_connections_are_refused() =>
        ServiceRules.Render(Catalog(), "").ShouldContain("ip daddr 10.96.3.4 tcp dport 80 reject with tcp reset");

    private static ServiceCatalog Catalog(params string[] endpoints)
    {
        var service = new KubeObject(new JsonObject
        {
            ["metadata"] = new JsonObject { ["namespace"] = "default", ["name"] = "web" },
            ["spec"] = new JsonObject { ["clusterIP"] = "10.96.3.4", ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = 80L }) },
        });
        var slice = new KubeObject(new JsonObject
        {
            ["metadata"] = new JsonObject { ["namespace"] = "default", ["name"] = "web-1", ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = "web" } },
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = 8080L }),
            ["endpoints"] = new JsonArray(endpoints.Select(address => (JsonNode?)new JsonObject { ["addresses"] = new JsonArray(address) }).ToArray()),
        });
        var catalog = new ServiceCatalog();
        return catalog with { Services = catalog.Services.Add("default/web", ServiceView.Read(service)), Slices = catalog.Slices.Add("default/web-1", SliceView.Read(slice)) };
    }
}
