using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.Golden;

/// <summary>Changes of a small mesh, drawn from few names, hosts and ports, so that objects meet, shadow and replace each other.</summary>
internal sealed class RandomMesh(int seed)
{
    private static readonly string[] Namespaces = ["default", "team", "istio-system"];
    private static readonly string[] Hosts = ["a.example", "b.example", "*.example", "svc0.default.svc.cluster.local"];
    private static readonly string[] Protocols = ["HTTP", "TCP", "TLS", "HTTPS", "GRPC", "MYSQL", ""];
    private static readonly string[] Resolutions = ["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"];
    private readonly Random random = new(seed);

    /// <summary>An object to put in, or (second) to take out.</summary>
    public (KubeObject Object, bool Delete) Next()
    {
        var made = random.Next(10) switch
        {
            0 => Service(),
            1 => Slice(),
            2 or 3 => Entry(),
            4 or 5 => Rule(),
            6 => Destination(),
            7 => Sidecar(),
            8 => Telemetry(),
            _ => random.Next(2) == 0 ? Pod() : Mesh(),
        };
        return (made, random.Next(4) == 0);
    }

    private string Pick(string[] from) => from[random.Next(from.Length)];

    private KubeObject Make(string apiVersion, string kind, string name, string ns, JsonObject body, JsonObject? labels = null)
    {
        var root = new JsonObject
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = ns,
                ["creationTimestamp"] = $"2024-01-0{1 + random.Next(3)}T00:00:00Z",
                ["labels"] = labels ?? [],
            },
        };
        foreach (var (field, value) in body.ToArray())
            root[field] = value?.DeepClone();
        return new KubeObject(root);
    }

    private JsonArray ExportTo() => random.Next(4) switch { 0 => ["."], 1 => ["team"], _ => [] };

    private KubeObject Service() => Make("v1", "Service", $"svc{random.Next(2)}", Pick(Namespaces), new JsonObject
    {
        ["spec"] = new JsonObject
        {
            ["clusterIP"] = random.Next(4) == 0 ? "None" : $"10.96.0.{1 + random.Next(3)}",
            ["selector"] = new JsonObject { ["app"] = $"app{random.Next(2)}" },
            ["ports"] = new JsonArray(new JsonObject { ["name"] = random.Next(2) == 0 ? "http" : "x", ["port"] = 80 + random.Next(2) }),
        },
    });

    private KubeObject Slice() => Make("discovery.k8s.io/v1", "EndpointSlice", $"slice{random.Next(3)}", Pick(Namespaces), new JsonObject
    {
        ["addressType"] = "IPv4",
        ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = 8080 }),
        ["endpoints"] = new JsonArray(new JsonObject
        {
            ["addresses"] = new JsonArray($"10.244.0.{random.Next(3)}"),
            ["conditions"] = new JsonObject { ["ready"] = random.Next(3) > 0 },
            ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["name"] = $"pod{random.Next(2)}" },
        }),
    }, new JsonObject { ["kubernetes.io/service-name"] = $"svc{random.Next(2)}" });

    private KubeObject Pod() => Make("v1", "Pod", $"pod{random.Next(2)}", Pick(Namespaces), new JsonObject
    {
        ["status"] = new JsonObject { ["podIP"] = $"10.244.0.{random.Next(3)}" },
    }, new JsonObject { ["app"] = $"app{random.Next(2)}" });

    private KubeObject Entry()
    {
        var resolution = Pick(Resolutions);
        var spec = new JsonObject
        {
            ["hosts"] = new JsonArray(Pick(Hosts)),
            ["exportTo"] = ExportTo(),
            ["resolution"] = resolution,
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "p", ["number"] = 80 + random.Next(3), ["protocol"] = Pick(Protocols) }),
        };
        if (random.Next(3) == 0)
            spec["addresses"] = new JsonArray(random.Next(2) == 0 ? "203.0.113.1" : "198.51.100.0/24");
        if (resolution == "STATIC")
            spec["endpoints"] = new JsonArray(new JsonObject { ["address"] = $"198.51.100.{random.Next(3)}", ["labels"] = new JsonObject { ["version"] = "v1" } });
        return Make("networking.istio.io/v1", "ServiceEntry", $"se{random.Next(3)}", Pick(Namespaces), new JsonObject { ["spec"] = spec });
    }

    private KubeObject Rule()
    {
        var route = new JsonArray(new JsonObject { ["destination"] = new JsonObject { ["host"] = Pick(Hosts[..2]), ["subset"] = random.Next(2) == 0 ? "v1" : "" } });
        var http = new JsonObject { ["timeout"] = $"{1 + random.Next(3)}s" };
        if (random.Next(4) == 0)
            http["delegate"] = new JsonObject { ["name"] = $"vs{random.Next(3)}", ["namespace"] = Pick(Namespaces) };
        else
            http["route"] = route;
        if (random.Next(2) == 0)
            http["match"] = new JsonArray(new JsonObject { ["uri"] = new JsonObject { ["prefix"] = "/a" }, ["sourceLabels"] = random.Next(2) == 0 ? new JsonObject { ["app"] = "app0" } : [] });
        return Make("networking.istio.io/v1", "VirtualService", $"vs{random.Next(3)}", Pick(Namespaces), new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["hosts"] = random.Next(5) == 0 ? [] : new JsonArray(Pick(Hosts)),
                ["exportTo"] = ExportTo(),
                ["http"] = new JsonArray(http),
                ["tcp"] = random.Next(2) == 0 ? new JsonArray(new JsonObject { ["route"] = route.DeepClone() }) : [],
            },
        });
    }

    private KubeObject Destination() => Make("networking.istio.io/v1", "DestinationRule", $"dr{random.Next(3)}", Pick(Namespaces), new JsonObject
    {
        ["spec"] = new JsonObject
        {
            ["host"] = Pick(Hosts),
            ["exportTo"] = ExportTo(),
            ["subsets"] = random.Next(2) == 0 ? new JsonArray(new JsonObject { ["name"] = "v1", ["labels"] = new JsonObject { ["version"] = "v1" } }) : [],
            ["workloadSelector"] = random.Next(3) == 0 ? new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "app0" } } : null,
            ["trafficPolicy"] = new JsonObject { ["connectionPool"] = new JsonObject { ["tcp"] = new JsonObject { ["maxConnections"] = 1 + random.Next(3) } } },
        },
    });

    private KubeObject Sidecar() => Make("networking.istio.io/v1", "Sidecar", $"sc{random.Next(2)}", Pick(Namespaces), new JsonObject
    {
        ["spec"] = new JsonObject
        {
            ["workloadSelector"] = random.Next(2) == 0 ? new JsonObject { ["labels"] = new JsonObject { ["app"] = "app0" } } : null,
            ["outboundTrafficPolicy"] = random.Next(2) == 0 ? new JsonObject { ["mode"] = Pick(["ALLOW_ANY", "REGISTRY_ONLY"]) } : null,
            ["egress"] = new JsonArray(new JsonObject { ["hosts"] = new JsonArray(Pick(["*/*", "./*", "default/a.example", "*/*.example"])) }),
        },
    });

    private KubeObject Telemetry() => Make("telemetry.istio.io/v1", "Telemetry", $"t{random.Next(2)}", Pick(Namespaces), new JsonObject
    {
        ["spec"] = new JsonObject
        {
            ["selector"] = random.Next(2) == 0 ? new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "app0" } } : null,
            ["accessLogging"] = new JsonArray(new JsonObject { ["providers"] = new JsonArray(new JsonObject { ["name"] = "envoy" }), ["disabled"] = random.Next(2) == 0 }),
        },
    });

    private KubeObject Mesh() => Make("v1", "ConfigMap", "istio", "istio-system", new JsonObject
    {
        ["data"] = new JsonObject { ["mesh"] = $"connectTimeout: {1 + random.Next(2)}s\noutboundTrafficPolicy: {{mode: {Pick(["ALLOW_ANY", "REGISTRY_ONLY"])}}}\n" },
    });
}
