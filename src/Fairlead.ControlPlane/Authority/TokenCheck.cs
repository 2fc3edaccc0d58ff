using System.Text.Json.Nodes;
using Fairlead.KubeClient;

namespace Fairlead.ControlPlane.Authority;

/// <summary>Asks the API server whose a token is (authentication.k8s.io/v1 TokenReview), for the audience of Istio's sidecars.</summary>
public sealed class TokenCheck(KubeConnection connection)
{
    /// <summary>The audience of the token that injection projects into a sidecar.</summary>
    public const string Audience = "istio-ca";

    /// <summary>Longer texts are no service-account tokens and are not passed on; bytes.</summary>
    private const int MaxTokenLength = 16 * 1024;

    private const string UserPrefix = "system:serviceaccount:";

    /// <summary>The identity, or null with a reason why the token is not accepted.</summary>
    /// <exception cref="HttpRequestException">The API server cannot be asked: try again later.</exception>
    /// <exception cref="KubeStatusException">The API server refused to answer.</exception>
    public async Task<(TokenIdentity? Identity, string Reason)> ReviewAsync(string token, CancellationToken cancel)
    {
        if (token.Length == 0)
            return (null, "no bearer token");
        if (token.Length > MaxTokenLength)
            return (null, $"the bearer token is longer than {MaxTokenLength} bytes");
        var review = await connection.SendAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/tokenreviews", new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenReview",
            ["metadata"] = new JsonObject(),
            ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray(Audience) },
        }, cancel).ConfigureAwait(false);
        return Read(review.Status);
    }

    private static (TokenIdentity? Identity, string Reason) Read(JsonObject? status)
    {
        var error = Text(status?["error"]);
        if (status?["authenticated"] is not JsonValue value || !value.TryGetValue(out bool authenticated) || !authenticated)
            return (null, error.Length > 0 ? error : "the API server does not know this token");
        if (status["audiences"] is JsonArray audiences && !audiences.Any(audience => Text(audience) == Audience))
            return (null, $"the token is not for audience {Audience}");
        var user = Text(status["user"]?["username"]);
        var parts = user.StartsWith(UserPrefix, StringComparison.Ordinal) ? user[UserPrefix.Length..].Split(':') : [];
        if (parts.Length != 2)
            return (null, $"{(user.Length > 0 ? user : "an unnamed user")} is no service account");
        var pod = status["user"]?["extra"]?["authentication.kubernetes.io/pod-name"] is JsonArray { Count: > 0 } names ? Text(names[0]) : "";
        return (new TokenIdentity(parts[0], parts[1], pod), "");
    }

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
