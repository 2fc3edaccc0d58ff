using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Admission;

/// <summary>One registered webhook, read from its configuration object.</summary>
internal sealed class Webhook(JsonObject source)
{
    private readonly LabelSelector namespaces = LabelSelector.FromSpec(source["namespaceSelector"]);
    private readonly LabelSelector objects = LabelSelector.FromSpec(source["objectSelector"]);

    public string Name { get; } = source.TextAt("name");
    public bool FailsClosed { get; } = source.TextAt("failurePolicy") != "Ignore";
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(Math.Clamp(source.NumberAt("timeoutSeconds") ?? 10, 1, 30));
    public bool AllowsDryRun { get; } = source.TextAt("sideEffects") is "None" or "NoneOnDryRun";
    public bool Reinvoked { get; } = source.TextAt("reinvocationPolicy") == "IfNeeded";
    public JsonObject ClientConfig { get; } = source["clientConfig"] as JsonObject ?? [];

    /// <summary>The version of the request's kind to send; null when no rule or selector takes the request.</summary>
    public string? Match(ResourceRequest request, AdmissionOperation operation, KubeObject target, StoreState state)
    {
        if (request.Kind.Group == "admissionregistration.k8s.io" || MatchRules(request, operation) is not { } version)
            return null;
        if (!objects.Matches(target.Labels))
            return null;
        if (namespaces.IsEmpty)
            return version;
        if (request.Kind == KindTable.Namespace)
            return namespaces.Matches(target.Labels) ? version : null;
        if (!request.Kind.Namespaced)
            return version;
        var home = state.Find(new ResourceKey(KindTable.Namespace, "", request.Namespace));
        return home is not null && namespaces.Matches(home.Labels) ? version : null;
    }

    private string? MatchRules(ResourceRequest request, AdmissionOperation operation)
    {
        var equivalent = source.TextAt("matchPolicy") != "Exact";
        var resource = request.Subresource.Length == 0 ? request.Kind.Plural : $"{request.Kind.Plural}/{request.Subresource}";
        foreach (var rule in source.ObjectsAt("rules"))
        {
            var scope = rule.TextAt("scope");
            if (!Has(rule, "operations", operation.ToString().ToUpperInvariant()) || !Has(rule, "apiGroups", request.Kind.Group)
                || !HasResource(rule, resource) || (scope == "Cluster" && request.Kind.Namespaced) || (scope == "Namespaced" && !request.Kind.Namespaced))
                continue;
            if (Has(rule, "apiVersions", request.Version))
                return request.Version;
            if (equivalent && request.Kind.Versions.FirstOrDefault(version => Has(rule, "apiVersions", version)) is { } other)
                return other;
        }
        return null;
    }

    private static bool Has(JsonObject rule, string field, string value) =>
        rule[field] is JsonArray list && list.Any(item => item?.ToString() is var text && (text == "*" || text == value));

    private static bool HasResource(JsonObject rule, string resource)
    {
        if (rule["resources"] is not JsonArray list)
            return false;
        var slash = resource.IndexOf('/');
        foreach (var text in list.Select(item => item?.ToString() ?? ""))
        {
            if (text == resource || text == "*/*" || (text == "*" && slash < 0))
                return true;
            if (slash > 0 && (text == resource[..slash] + "/*" || text == "*" + resource[slash..]))
                return true;
        }
        return false;
    }
}
