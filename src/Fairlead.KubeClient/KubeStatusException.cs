using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.KubeClient;

/// <summary>
/// The API server refused a request: its Status (Kubernetes API conventions, "Response status kind"), or, where it sent none, one made from the HTTP answer.
/// </summary>
public sealed class KubeStatusException(int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    /// <summary>The HTTP status code.</summary>
    public int Code { get; } = code;

    /// <summary>The machine-readable reason: <c>NotFound</c>, <c>AlreadyExists</c>, <c>Conflict</c>, <c>Expired</c> …; empty when the server gave none.</summary>
    public string Reason { get; } = reason;

    public JsonObject? Details { get; } = details;

    public bool IsNotFound => Code == (int)HttpStatusCode.NotFound;
    public bool IsConflict => Code == (int)HttpStatusCode.Conflict && Reason != "AlreadyExists";
    public bool IsAlreadyExists => Code == (int)HttpStatusCode.Conflict && Reason == "AlreadyExists";

    /// <summary>The resource version or page that we asked for is gone: list anew.</summary>
    public bool IsExpired => Code == (int)HttpStatusCode.Gone || Reason == "Expired";

    /// <summary>The same request may succeed later: overload, a server that is starting or stopping, a time-out.</summary>
    public bool IsRetryable => Code is 429 or >= 500;

    /// <summary>Reads the body of an answer that was no success.</summary>
    public static KubeStatusException FromAnswer(int code, string body)
    {
        try
        {
            if (JsonNode.Parse(body) is JsonObject status && Text(status, "kind") == "Status")
                return FromStatus(status, code);
        }
        catch (JsonException)
        {
            return FromText(code, body);
        }
        return FromText(code, body);
    }

    /// <summary>Reads a Status object; <paramref name="code"/> is used when it carries none.</summary>
    public static KubeStatusException FromStatus(JsonObject status, int code)
    {
        var own = status["code"] is JsonValue value && value.TryGetValue(out int number) ? number : code;
        var message = Text(status, "message");
        return new KubeStatusException(own, Text(status, "reason"), message.Length > 0 ? message : $"the API server answered {own}", status["details"] as JsonObject);
    }

    private const int LongestQuotedBody = 512;

    private static KubeStatusException FromText(int code, string body)
    {
        var quoted = body.Length > LongestQuotedBody ? body[..LongestQuotedBody] + "..." : body;
        return new KubeStatusException(code, "", $"the API server answered {code} without a Status: {quoted.Trim()}");
    }

    private static string Text(JsonObject node, string field) =>
        node[field] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    /// <summary>The Status that an ERROR event of a watch carries.</summary>
    internal static KubeStatusException FromWatch(KubeObject error) => FromStatus(error.Root, (int)HttpStatusCode.InternalServerError);
}
