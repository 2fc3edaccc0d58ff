using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>A ValidatingWebhookConfiguration or MutatingWebhookConfiguration.</summary>
public sealed record WebhookConfiguration(ObjectMeta Meta, bool IsMutating, ValueList<Webhook> Webhooks)
{
    public static WebhookConfiguration Read(KubeObject source) =>
        new(ObjectMeta.Read(source), source.Kind == "MutatingWebhookConfiguration", source.Root.List("webhooks", Webhook.Read));
}

/// <summary>One webhook: whom to call, for which requests.</summary>
public sealed record Webhook(string Name)
{
    /// <summary>Set when the webhook is called by URL.</summary>
    public string Url { get; init; } = "";

    /// <summary>Set when it is called through a Service.</summary>
    public WebhookService? Service { get; init; }

    /// <summary>PEM certificates that the server is verified against, base64.</summary>
    public string CaBundle { get; init; } = "";

    public ValueList<WebhookRule> Rules { get; init; } = ValueList<WebhookRule>.Empty;

    /// <summary>Fail or Ignore.</summary>
    public string FailurePolicy { get; init; } = "Fail";

    /// <summary>Exact or Equivalent.</summary>
    public string MatchPolicy { get; init; } = "Equivalent";

    public LabelSelector NamespaceSelector { get; init; } = LabelSelector.Everything;
    public LabelSelector ObjectSelector { get; init; } = LabelSelector.Everything;
    public string SideEffects { get; init; } = "";
    public int TimeoutSeconds { get; init; } = 10;
    public ValueList<string> AdmissionReviewVersions { get; init; } = ValueList<string>.Empty;

    /// <summary>Never or IfNeeded (mutating ones).</summary>
    public string ReinvocationPolicy { get; init; } = "Never";

    /// <summary>CEL conditions by name; the request goes to the webhook only if all hold.</summary>
    public ValueList<KeyValuePair<string, string>> MatchConditions { get; init; } = ValueList<KeyValuePair<string, string>>.Empty;

    public static Webhook Read(JsonObject node)
    {
        var client = node.Object("clientConfig");
        return new Webhook(node.Text("name"))
        {
            Url = client.Text("url"),
            Service = client.Optional("service", WebhookService.Read),
            CaBundle = client.Text("caBundle"),
            Rules = node.List("rules", WebhookRule.Read),
            FailurePolicy = node.OptionalText("failurePolicy") ?? "Fail",
            MatchPolicy = node.OptionalText("matchPolicy") ?? "Equivalent",
            NamespaceSelector = LabelSelector.Read(node["namespaceSelector"]) ?? LabelSelector.Everything,
            ObjectSelector = LabelSelector.Read(node["objectSelector"]) ?? LabelSelector.Everything,
            SideEffects = node.Text("sideEffects"),
            TimeoutSeconds = node.OptionalInt("timeoutSeconds") ?? 10,
            AdmissionReviewVersions = node.TextList("admissionReviewVersions"),
            ReinvocationPolicy = node.OptionalText("reinvocationPolicy") ?? "Never",
            MatchConditions = node.List("matchConditions", item => KeyValuePair.Create(item.Text("name"), item.Text("expression"))),
        };
    }
}

public sealed record WebhookService(string Namespace, string Name, string Path, int Port)
{
    public static WebhookService Read(JsonObject node) =>
        new(node.Text("namespace"), node.Text("name"), node.OptionalText("path") ?? "/", node.OptionalInt("port") ?? 443);
}

/// <summary>Requests that a webhook wants; <c>*</c> stands for all. Scope is Cluster, Namespaced or <c>*</c>.</summary>
public sealed record WebhookRule(ValueList<string> Operations, ValueList<string> Groups, ValueList<string> Versions, ValueList<string> Resources, string Scope)
{
    public bool Matches(string operation, string group, string version, string resource, bool namespaced) =>
        Any(Operations, operation) && Any(Groups, group) && Any(Versions, version)
        && (Any(Resources, resource) || (Resources.Contains("*/*")))
        && (Scope == "*" || Scope == (namespaced ? "Namespaced" : "Cluster"));

    public static WebhookRule Read(JsonObject node) => new(
        node.TextList("operations"), node.TextList("apiGroups"), node.TextList("apiVersions"), node.TextList("resources"), node.OptionalText("scope") ?? "*");

    private static bool Any(ValueList<string> wanted, string actual) => wanted.Contains("*") || wanted.Contains(actual);
}
