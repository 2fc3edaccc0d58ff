using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Ingest;

namespace Fairlead.ControlPlane.Admission;

/// <summary>The webhook configurations that send pods and Istio's objects to this control plane; selectors are Istio's (research/istio 4.1).</summary>
public static class WebhookRegistration
{
    public const string MutatingName = "istio-sidecar-injector";
    public const string ValidatingName = "istio-validator-istio-system";

    public static KubeObject Mutating(string rootPem, string revision) => new(new JsonObject
    {
        ["apiVersion"] = "admissionregistration.k8s.io/v1",
        ["kind"] = "MutatingWebhookConfiguration",
        ["metadata"] = Metadata(MutatingName, revision),
        ["webhooks"] = new JsonArray(
            Injector("rev.namespace", rootPem,
                [In("istio.io/rev", revision), Absent("istio-injection")],
                [NotIn("sidecar.istio.io/inject", "false")]),
            Injector("rev.object", rootPem,
                [Absent("istio.io/rev"), Absent("istio-injection")],
                [NotIn("sidecar.istio.io/inject", "false"), In("istio.io/rev", revision)]),
            Injector("namespace", rootPem,
                [In("istio-injection", "enabled")],
                [NotIn("sidecar.istio.io/inject", "false")]),
            Injector("object", rootPem,
                [Absent("istio-injection"), Absent("istio.io/rev")],
                [In("sidecar.istio.io/inject", "true"), Absent("istio.io/rev")])),
    });

    public static KubeObject Validating(string rootPem, string revision) => new(new JsonObject
    {
        ["apiVersion"] = "admissionregistration.k8s.io/v1",
        ["kind"] = "ValidatingWebhookConfiguration",
        ["metadata"] = Metadata(ValidatingName, revision),
        ["webhooks"] = new JsonArray(new JsonObject
        {
            ["name"] = "rev.validation.istio.io",
            ["clientConfig"] = Client("/validate", rootPem),
            ["rules"] = new JsonArray(new JsonObject
            {
                ["operations"] = new JsonArray("CREATE", "UPDATE"),
                ["apiGroups"] = new JsonArray("security.istio.io", "networking.istio.io", "telemetry.istio.io", "extensions.istio.io"),
                ["apiVersions"] = new JsonArray("*"),
                ["resources"] = new JsonArray("*"),
                ["scope"] = "*",
            }),
            ["failurePolicy"] = "Fail",
            ["sideEffects"] = "None",
            ["admissionReviewVersions"] = new JsonArray("v1"),
            ["timeoutSeconds"] = 10,
            ["matchPolicy"] = "Equivalent",
        }),
    });

    private static JsonObject Injector(string prefix, string rootPem, JsonNode[] namespaceRules, JsonNode[] objectRules) => new()
    {
        ["name"] = $"{prefix}.sidecar-injector.istio.io",
        ["clientConfig"] = Client("/inject", rootPem),
        ["rules"] = new JsonArray(new JsonObject
        {
            ["operations"] = new JsonArray("CREATE"),
            ["apiGroups"] = new JsonArray(""),
            ["apiVersions"] = new JsonArray("v1"),
            ["resources"] = new JsonArray("pods"),
            ["scope"] = "*",
        }),
        ["failurePolicy"] = "Fail",
        ["reinvocationPolicy"] = "Never",
        ["sideEffects"] = "None",
        ["admissionReviewVersions"] = new JsonArray("v1"),
        ["timeoutSeconds"] = 10,
        ["matchPolicy"] = "Equivalent",
        ["namespaceSelector"] = new JsonObject { ["matchExpressions"] = new JsonArray(namespaceRules) },
        ["objectSelector"] = new JsonObject { ["matchExpressions"] = new JsonArray(objectRules) },
    };

    private static JsonObject Metadata(string name, string revision) => new()
    {
        ["name"] = name,
        ["labels"] = new JsonObject { ["app"] = name == MutatingName ? "sidecar-injector" : "istiod", ["istio.io/rev"] = revision },
    };

    private static JsonObject Client(string path, string rootPem) => new()
    {
        ["service"] = new JsonObject { ["name"] = "istiod", ["namespace"] = WatchedKinds.RootNamespace, ["path"] = path, ["port"] = 443 },
        ["caBundle"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(rootPem)),
    };

    private static JsonObject In(string key, string value) => new() { ["key"] = key, ["operator"] = "In", ["values"] = new JsonArray(value) };

    private static JsonObject NotIn(string key, string value) => new() { ["key"] = key, ["operator"] = "NotIn", ["values"] = new JsonArray(value) };

    private static JsonObject Absent(string key) => new() { ["key"] = key, ["operator"] = "DoesNotExist" };
}
