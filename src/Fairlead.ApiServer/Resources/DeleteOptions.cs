using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Serving;

namespace Fairlead.ApiServer.Resources;

public enum Propagation
{
    Background,
    Foreground,
    Orphan,
}

/// <summary>meta/v1 DeleteOptions, from the body or from query parameters.</summary>
public sealed record DeleteOptions
{
    /// <summary>Seconds until a pod is killed; null: the pod's own.</summary>
    public long? GracePeriodSeconds { get; init; }

    public Propagation Propagation { get; init; }
    public string Uid { get; init; } = "";
    public string ResourceVersion { get; init; } = "";
    public bool DryRun { get; init; }

    public static DeleteOptions From(JsonObject? body)
    {
        if (body is null)
            return new DeleteOptions();
        if (body["kind"] is not null && body.TextAt("kind") is not "DeleteOptions")
            throw Refusal.BadRequest($"unable to decode {body.TextAt("kind")} as DeleteOptions");
        Check(body);
        return new DeleteOptions
        {
            GracePeriodSeconds = body.NumberAt("gracePeriodSeconds"),
            Propagation = ParsePropagation(body.TextAt("propagationPolicy"), body["orphanDependents"] is { } orphan && orphan.ToString() == "true"),
            Uid = body.TextAt("preconditions.uid"),
            ResourceVersion = body.TextAt("preconditions.resourceVersion"),
            DryRun = body["dryRun"] is JsonArray { Count: > 0 },
        };
    }

    /// <summary>What is there must be of its type: an option that was not understood would delete what it meant to spare.</summary>
    private static void Check(JsonObject body)
    {
        Require(body["gracePeriodSeconds"] is null || body.NumberAt("gracePeriodSeconds") is not null, "gracePeriodSeconds", "an integer");
        Require(body["preconditions"] is null or JsonObject, "preconditions", "an object");
        foreach (var field in (string[])["propagationPolicy", "preconditions.uid", "preconditions.resourceVersion"])
            Require(body.At(field) is not { } node || node.GetValueKind() == JsonValueKind.String, field, "a string");
        Require(body["orphanDependents"] is not { } orphan || orphan.GetValueKind() is JsonValueKind.True or JsonValueKind.False, "orphanDependents", "true or false");
        Require(body["dryRun"] is null or JsonArray, "dryRun", "a list");
        if (body["dryRun"] is JsonArray dry && dry.FirstOrDefault(word => word?.ToString() != "All") is { } other)
            throw new Refusal(422, "Invalid", $"DeleteOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: \"{other}\": supported values: \"All\"");
    }

    private static void Require(bool holds, string field, string type)
    {
        if (!holds)
            throw Refusal.BadRequest($"unable to decode the body as DeleteOptions: {field} must be {type}");
    }

    public static Propagation ParsePropagation(string text, bool orphan = false) => text switch
    {
        "" => orphan ? Propagation.Orphan : Propagation.Background,
        "Background" => Propagation.Background,
        "Foreground" => Propagation.Foreground,
        "Orphan" => Propagation.Orphan,
        _ => throw new Refusal(422, "Invalid",
            $"DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"{text}\": supported values: \"Background\", \"Foreground\", \"Orphan\""),
    };
}
