using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Discovery;

/// <summary>
/// OpenAPI v3 by group and version, and v2 in JSON and protobuf. kubectl looks for a PATCH operation with the kind's
/// <c>x-kubernetes-group-version-kind</c> and a parameter <c>fieldValidation</c> before it applies anything. Made on first use, kept as bytes.
/// </summary>
internal sealed class OpenApiDocuments
{
    /// <summary>
    /// The Content-Type of the protobuf document. Clients ask for <c>…spec.v2@v1.0+protobuf</c>; "@" is no token character
    /// (RFC 9110 section 5.6.2), and kubectl before 1.24 refuses an answer that repeats it: "unexpected content after media subtype".
    /// </summary>
    public const string V2Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    private readonly ConcurrentDictionary<string, byte[]> documents = new(StringComparer.Ordinal);

    public static bool Serves(string path) => path.StartsWith("/openapi/", StringComparison.Ordinal);

    public async Task AnswerAsync(HttpContext context, string path)
    {
        if (context.Request.Method is not ("GET" or "HEAD"))
            throw Refusal.MethodNotAllowed();
        path = path.TrimEnd('/');
        var contentType = "application/json";
        byte[] body;
        if (path == "/openapi/v3")
        {
            body = documents.GetOrAdd(path, _ => JsonBody.ToBytes(Index()));
        }
        else if (path == "/openapi/v2")
        {
            var protobuf = context.Request.Headers.Accept.ToString().Contains("proto-openapi", StringComparison.Ordinal);
            contentType = protobuf ? V2Protobuf : contentType;
            body = protobuf
                ? documents.GetOrAdd(path + "#pb", _ => OpenApiV2Protobuf.Encode(V2()))
                : documents.GetOrAdd(path, _ => JsonBody.ToBytes(V2()));
        }
        else if (GroupVersions().Contains((GroupOf(path), VersionOf(path))))
        {
            body = documents.GetOrAdd(path, _ => JsonBody.ToBytes(V3(GroupOf(path), VersionOf(path))));
        }
        else
        {
            throw Refusal.UnknownPath();
        }
        if (context.Request.Query.ContainsKey("hash"))
            context.Response.Headers.CacheControl = "public, immutable";
        // Of the type too: a client that kept the body under another type (kubectl keeps them on disk) must not be told that nothing changed.
        context.Response.Headers.ETag = $"\"{Hash([.. body, .. Encoding.ASCII.GetBytes(contentType)])}\"";
        context.Response.Headers.Vary = "Accept";
        if (context.Request.Headers.IfNoneMatch == context.Response.Headers.ETag)
        {
            context.Response.StatusCode = 304;
            return;
        }
        await Answers.BytesAsync(context, body, contentType);
    }

    private static IEnumerable<(string Group, string Version)> GroupVersions() =>
        ServedResources.Groups.SelectMany(group => ServedResources.Versions(group).Select(version => (group, version)));

    private static string PathOf(string group, string version) => group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";

    private static string GroupOf(string path) => path.Split('/') is [_, _, _, "apis", var group, _] ? group : "";

    private static string VersionOf(string path) => path.Split('/') switch
    {
        [_, _, _, "apis", _, var version] => version,
        [_, _, _, "api", var version] => version,
        _ => "",
    };

    private static string Hash(byte[] body) => Convert.ToHexString(SHA256.HashData(body).AsSpan(0, 16));

    private JsonObject Index()
    {
        var paths = new JsonObject();
        foreach (var (group, version) in GroupVersions())
        {
            var path = PathOf(group, version);
            var body = documents.GetOrAdd("/openapi/v3/" + path, _ => JsonBody.ToBytes(V3(group, version)));
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={Hash(body)}" };
        }
        return new JsonObject { ["paths"] = paths };
    }

    private static JsonObject Info() => new() { ["title"] = "Kubernetes", ["version"] = HealthEndpoints.GitVersion };

    private static JsonObject V3(string group, string version)
    {
        const string Reference = "#/components/schemas/";
        var paths = new JsonObject();
        var schemas = new JsonObject();
        foreach (var kind in ServedResources.Kinds(group, version))
        {
            OpenApiSchemas.AddKind(schemas, kind, version, Reference);
            AddPaths(paths, kind, version, operation => operation["responses"] = new JsonObject
            {
                ["200"] = new JsonObject
                {
                    ["description"] = "OK",
                    ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = Reference + OpenApiSchemas.NameOf(kind, version) } } },
                },
            }, name => new JsonObject { ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true } });
        }
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = Info(),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static JsonObject V2()
    {
        const string Reference = "#/definitions/";
        var paths = new JsonObject();
        var definitions = new JsonObject();
        foreach (var kind in KindTable.All)
        {
            foreach (var version in kind.Versions)
            {
                OpenApiSchemas.AddKind(definitions, kind, version, Reference);
                AddPaths(paths, kind, version, operation => operation["responses"] = new JsonObject
                {
                    ["200"] = new JsonObject { ["description"] = "OK", ["schema"] = new JsonObject { ["$ref"] = Reference + OpenApiSchemas.NameOf(kind, version) } },
                }, name => new JsonObject { ["name"] = name, ["in"] = "query", ["type"] = "string", ["uniqueItems"] = true });
            }
        }
        return new JsonObject { ["swagger"] = "2.0", ["info"] = Info(), ["paths"] = paths, ["definitions"] = definitions };
    }

    private static void AddPaths(JsonObject paths, KindDescriptor kind, string version, Action<JsonObject> describe, Func<string, JsonObject> parameter)
    {
        var root = "/" + PathOf(kind.Group, version) + (kind.Namespaced ? "/namespaces/{namespace}/" : "/") + kind.Plural;
        JsonObject Operation(string action, params string[] parameters)
        {
            var operation = new JsonObject
            {
                ["x-kubernetes-action"] = action,
                ["x-kubernetes-group-version-kind"] = OpenApiSchemas.GroupVersionKind(kind, version),
                ["parameters"] = new JsonArray([.. parameters.Select(parameter)]),
            };
            describe(operation);
            return operation;
        }
        paths[root] = new JsonObject
        {
            ["get"] = Operation("list", "labelSelector", "fieldSelector", "limit", "continue", "resourceVersion", "watch"),
            ["post"] = Operation("post", "dryRun", "fieldManager", "fieldValidation"),
        };
        paths[root + "/{name}"] = new JsonObject
        {
            ["get"] = Operation("get"),
            ["put"] = Operation("put", "dryRun", "fieldManager", "fieldValidation"),
            ["patch"] = Operation("patch", "dryRun", "fieldManager", "fieldValidation", "force"),
            ["delete"] = Operation("delete", "dryRun", "gracePeriodSeconds", "propagationPolicy"),
        };
    }
}
