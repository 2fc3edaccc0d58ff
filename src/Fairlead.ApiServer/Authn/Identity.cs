using System.Text.Json.Nodes;

namespace Fairlead.ApiServer.Authn;

/// <summary>Who asks: a user name, its groups and what a token adds (<c>authentication.kubernetes.io/pod-name</c> …).</summary>
public sealed record Identity(string User, IReadOnlyList<string> Groups)
{
    public const string Masters = "system:masters";

    public string Uid { get; init; } = "";
    public IReadOnlyDictionary<string, string> Extra { get; init; } = new Dictionary<string, string>();

    public bool IsAdmin => Groups.Contains(Masters);

    /// <summary>Whether it is one of the server's own controllers.</summary>
    public bool IsController { get; private init; }

    /// <summary>The server's own controllers.</summary>
    public static Identity Controller(string name) =>
        new($"system:serviceaccount:kube-system:{name}", [Masters, "system:authenticated"]) { IsController = true };

    /// <summary>As TokenReview, SelfSubjectReview and AdmissionReview show it.</summary>
    public JsonObject ToUserInfo()
    {
        var info = new JsonObject { ["username"] = User };
        if (Uid.Length > 0)
            info["uid"] = Uid;
        info["groups"] = new JsonArray([.. Groups.Select(group => (JsonNode)group)]);
        if (Extra.Count > 0)
            info["extra"] = new JsonObject(Extra.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, new JsonArray(pair.Value))));
        return info;
    }
}
