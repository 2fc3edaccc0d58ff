using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Schemas;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Patch;

public enum PatchKind
{
    Json,
    Merge,
    Strategic,
    Apply,
}

/// <summary>A patch as a client sent it.</summary>
public sealed record PatchDocument(PatchKind Kind, JsonNode Body)
{
    private const string AcceptedForBuiltins =
        "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml";

    private const string AcceptedForCustom = "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";

    /// <summary>The kind of patch that a media type names; strategic merge is for built-in kinds only.</summary>
    public static PatchKind KindOf(string mediaType, KindDescriptor kind)
    {
        var builtin = BuiltinSchemas.Find(kind) is not null;
        return mediaType switch
        {
            "application/json-patch+json" => PatchKind.Json,
            "application/merge-patch+json" => PatchKind.Merge,
            "application/strategic-merge-patch+json" when builtin => PatchKind.Strategic,
            "application/apply-patch+yaml" => PatchKind.Apply,
            _ => throw Refusal.UnsupportedMediaType(
                $"the body of the request was in an unknown format - accepted media types include: {(builtin ? AcceptedForBuiltins : AcceptedForCustom)}"),
        };
    }

    /// <summary>The object after the patch; the current one is not changed.</summary>
    public KubeObject ApplyTo(ResourceRequest request, KubeObject current)
    {
        var target = current.DeepClone().Root;
        var root = Kind switch
        {
            PatchKind.Json => JsonPatch.Apply(target, Body) as JsonObject,
            PatchKind.Merge => MergePatch.Apply(target, Body) as JsonObject,
            _ => StrategicMerge.Apply(target, Body as JsonObject ?? throw Refusal.BadRequest("a strategic merge patch must be an object"),
                BuiltinSchemas.Find(request.Kind)!),
        };
        if (root is null)
            throw Refusal.BadRequest("the patch does not leave an object");
        var next = new KubeObject(root);
        next.Root["apiVersion"] = request.Kind.ApiVersion(request.Kind.StorageVersion);
        next.Root["kind"] = request.Kind.Kind;
        StrictDecoder.Check(request, next.Root, []);
        return next;
    }

    /// <summary>The applied configuration itself, for server-side apply.</summary>
    public JsonObject ApplyBody(ResourceRequest request)
    {
        if (Body is not JsonObject configuration)
            throw Refusal.BadRequest("the applied configuration must be an object");
        var copy = (JsonObject)configuration.DeepClone();
        if (copy.TextAt("metadata.managedFields").Length > 0 || copy.At("metadata.managedFields") is JsonArray { Count: > 0 })
            throw Refusal.BadRequest("metadata.managedFields must be nil");
        StrictDecoder.Check(request, copy, [], isPartial: true);
        return copy;
    }
}
