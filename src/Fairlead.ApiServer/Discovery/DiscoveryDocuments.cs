using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Discovery;

/// <summary>What is served, in both forms: one aggregated document, or the legacy ones group by group. Made once.</summary>
internal sealed class DiscoveryDocuments
{
    private static readonly string[] AggregatedVersions = ["v2", "v2beta1"];
    private readonly Dictionary<string, JsonObject> legacy = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Path, string Version), JsonObject> aggregated = [];

    public DiscoveryDocuments()
    {
        foreach (var version in AggregatedVersions)
        {
            aggregated[("/api", version)] = Aggregated(version, [""]);
            aggregated[("/apis", version)] = Aggregated(version, ServedResources.Groups.Where(group => group.Length > 0));
        }
        legacy["/api"] = new JsonObject
        {
            ["kind"] = "APIVersions",
            ["versions"] = JsonPath.TextArray("v1"),
            ["serverAddressByClientCIDRs"] = new JsonArray(),
        };
        legacy["/api/v1"] = ResourceList("", "v1");
        var groups = new JsonArray();
        foreach (var group in ServedResources.Groups.Where(group => group.Length > 0))
        {
            groups.Add(Group(group, alone: false));
            legacy[$"/apis/{group}"] = Group(group, alone: true);
            foreach (var version in ServedResources.Versions(group))
                legacy[$"/apis/{group}/{version}"] = ResourceList(group, version);
        }
        legacy["/apis"] = new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = groups };
        legacy["/"] = new JsonObject { ["paths"] = JsonPath.TextArray([.. legacy.Keys.Where(path => path != "/"), "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"]) };
    }

    public bool Serves(string path) => legacy.ContainsKey(Trim(path));

    public async Task AnswerAsync(HttpContext context, string path)
    {
        if (context.Request.Method is not ("GET" or "HEAD"))
            throw Refusal.MethodNotAllowed();
        path = Trim(path);
        foreach (var entry in context.Request.Headers.Accept.ToString().Split(','))
        {
            if (!entry.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal))
                continue;
            foreach (var version in AggregatedVersions)
            {
                if (entry.Split(';').Any(part => part.Trim() == "v=" + version) && aggregated.TryGetValue((path, version), out var document))
                {
                    await Answers.JsonAsync(context, 200, document, $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList");
                    return;
                }
            }
        }
        await Answers.JsonAsync(context, 200, legacy[path]);
    }

    private static string Trim(string path) => path.Length > 1 ? path.TrimEnd('/') : path;

    private static JsonObject Aggregated(string version, IEnumerable<string> groups) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/" + version,
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. groups.Select(group => new JsonObject
        {
            ["metadata"] = group.Length > 0 ? new JsonObject { ["name"] = group } : [],
            ["versions"] = new JsonArray([.. ServedResources.Versions(group).Select(served => new JsonObject
            {
                ["version"] = served,
                ["resources"] = new JsonArray([.. AggregatedResources(group, served)]),
                ["freshness"] = "Current",
            })]),
        })]),
    };

    private static IEnumerable<JsonObject> AggregatedResources(string group, string version)
    {
        foreach (var kind in ServedResources.Kinds(group, version))
        {
            var resource = new JsonObject
            {
                ["resource"] = kind.Plural,
                ["responseKind"] = GroupVersionKind(group, version, kind.Kind),
                ["scope"] = kind.Namespaced ? "Namespaced" : "Cluster",
                ["singularResource"] = kind.Singular,
                ["verbs"] = JsonPath.TextArray(ServedResources.ObjectVerbs),
            };
            if (kind.ShortNames.Count > 0)
                resource["shortNames"] = JsonPath.TextArray(kind.ShortNames);
            if (kind.Categories.Count > 0)
                resource["categories"] = JsonPath.TextArray(kind.Categories);
            var subresources = ServedResources.Subresources(kind, version).Select(sub => new JsonObject
            {
                ["subresource"] = sub.Name,
                ["responseKind"] = GroupVersionKind(sub.Group, sub.Version, sub.Kind),
                ["verbs"] = JsonPath.TextArray(sub.Verbs),
            }).ToArray<JsonNode>();
            if (subresources.Length > 0)
                resource["subresources"] = new JsonArray(subresources);
            yield return resource;
        }
        foreach (var review in ServedResources.Reviews.Where(review => review.Group == group))
        {
            yield return new JsonObject
            {
                ["resource"] = review.Plural,
                ["responseKind"] = GroupVersionKind(group, version, review.Kind),
                ["scope"] = "Cluster",
                ["singularResource"] = review.Kind.ToLowerInvariant(),
                ["verbs"] = JsonPath.TextArray("create"),
            };
        }
    }

    private static JsonObject GroupVersionKind(string group, string version, string kind) =>
        new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static JsonObject Group(string group, bool alone)
    {
        JsonObject VersionOf(string version) => new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };
        var versions = ServedResources.Versions(group);
        var document = alone ? new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" } : [];
        document["name"] = group;
        document["versions"] = new JsonArray([.. versions.Select(VersionOf)]);
        document["preferredVersion"] = VersionOf(versions[0]);
        return document;
    }

    private static JsonObject ResourceList(string group, string version)
    {
        var resources = new JsonArray();
        foreach (var kind in ServedResources.Kinds(group, version))
        {
            var resource = new JsonObject
            {
                ["name"] = kind.Plural,
                ["singularName"] = kind.Singular,
                ["namespaced"] = kind.Namespaced,
                ["kind"] = kind.Kind,
                ["verbs"] = JsonPath.TextArray(ServedResources.ObjectVerbs),
            };
            if (kind.ShortNames.Count > 0)
                resource["shortNames"] = JsonPath.TextArray(kind.ShortNames);
            if (kind.Categories.Count > 0)
                resource["categories"] = JsonPath.TextArray(kind.Categories);
            resources.Add(resource);
            foreach (var sub in ServedResources.Subresources(kind, version))
            {
                var entry = new JsonObject
                {
                    ["name"] = $"{kind.Plural}/{sub.Name}",
                    ["singularName"] = "",
                    ["namespaced"] = kind.Namespaced,
                    ["kind"] = sub.Kind,
                    ["verbs"] = JsonPath.TextArray(sub.Verbs),
                };
                if (sub.Group != group || sub.Version != version)
                {
                    entry["group"] = sub.Group;
                    entry["version"] = sub.Version;
                }
                resources.Add(entry);
            }
        }
        foreach (var review in ServedResources.Reviews.Where(review => review.Group == group))
        {
            resources.Add(new JsonObject
            {
                ["name"] = review.Plural,
                ["singularName"] = review.Kind.ToLowerInvariant(),
                ["namespaced"] = false,
                ["kind"] = review.Kind,
                ["verbs"] = JsonPath.TextArray("create"),
            });
        }
        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = resources,
        };
    }
}
