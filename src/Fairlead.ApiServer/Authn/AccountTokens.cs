using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Authn;

/// <summary>
/// Service account tokens: JWTs (RFC 7519) signed ES256 with the cluster's own key, bound to the account and, where asked,
/// to a pod: when either is gone or another one of that name, the token is worth nothing.
/// </summary>
public sealed class AccountTokens(ECDsa key, ObjectStore store, TimeProvider time)
{
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";

    /// <summary>Shortest and longest life that is granted, in seconds (the real server's bounds: 10 minutes, 2^32 s there, a day here).</summary>
    public const long MinimumSeconds = 600;

    public const long MaximumSeconds = 24 * 3600;

    private static readonly string Header = Base64Url.EncodeToString("{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"fairlead\"}"u8);

    /// <summary>A token and the second at which it ends.</summary>
    public (string Token, DateTimeOffset Expires) Issue(
        string @namespace, string account, string accountUid, IReadOnlyList<string> audiences, long seconds, string podName, string podUid)
    {
        var now = time.GetUtcNow();
        var expires = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() + seconds);
        var bound = new JsonObject
        {
            ["namespace"] = @namespace,
            ["serviceaccount"] = new JsonObject { ["name"] = account, ["uid"] = accountUid },
        };
        if (podName.Length > 0)
            bound["pod"] = new JsonObject { ["name"] = podName, ["uid"] = podUid };
        var claims = new JsonObject
        {
            ["aud"] = JsonPath.TextArray(audiences.Count > 0 ? audiences : [Issuer]),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["iss"] = Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = bound,
            ["sub"] = $"system:serviceaccount:{@namespace}:{account}",
        };
        var signed = $"{Header}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes<JsonNode>(claims, JsonText.Relaxed))}";
        byte[] signature;
        lock (key)
            signature = key.SignData(System.Text.Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
        return ($"{signed}.{Base64Url.EncodeToString(signature)}", expires);
    }

    /// <summary>
    /// Who a token speaks for, and for which of the wanted audiences (the API server's own when none is named);
    /// null and a reason when it is not good.
    /// </summary>
    public (Identity? Identity, IReadOnlyList<string> Audiences, string Fault) Verify(string token, IReadOnlyList<string> wanted)
    {
        if (Claims(token) is not { } claims)
            return (null, [], "the token is not one of this cluster");
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (claims.NumberAt("exp") is not { } expires || expires <= now)
            return (null, [], "the token has expired");
        if (claims.NumberAt("nbf") > now)
            return (null, [], "the token is not valid yet");
        string[] audiences = claims["aud"] is JsonArray list ? [.. list.Select(audience => audience!.GetValue<string>())] : [];
        var matching = (wanted.Count > 0 ? wanted : [Issuer]).Where(audiences.Contains).ToArray();
        if (matching.Length == 0)
            return (null, [], "the token is for another audience");
        var bound = claims["kubernetes.io"];
        var ns = bound.TextAt("namespace");
        var name = bound.TextAt("serviceaccount.name");
        var account = store.State.Find(new ResourceKey(KindTable.ServiceAccount, ns, name));
        if (account is null || account.Uid != bound.TextAt("serviceaccount.uid"))
            return (null, [], "the token's service account is gone");
        var extra = new Dictionary<string, string>();
        if (bound.TextAt("pod.name") is { Length: > 0 } pod)
        {
            if (store.State.Find(new ResourceKey(KindTable.Pod, ns, pod)) is not { } stored || stored.Uid != bound.TextAt("pod.uid"))
                return (null, [], "the token's pod is gone");
            extra["authentication.kubernetes.io/pod-name"] = pod;
            extra["authentication.kubernetes.io/pod-uid"] = stored.Uid;
        }
        return (new Identity($"system:serviceaccount:{ns}:{name}", ["system:serviceaccounts", $"system:serviceaccounts:{ns}", "system:authenticated"])
        {
            Uid = account.Uid,
            Extra = extra,
        }, matching, "");
    }

    private JsonObject? Claims(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || parts[0] != Header)
            return null;
        try
        {
            var signature = Base64Url.DecodeFromChars(parts[2]);
            bool genuine;
            lock (key)
                genuine = key.VerifyData(System.Text.Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature, HashAlgorithmName.SHA256);
            return genuine ? JsonNode.Parse(Base64Url.DecodeFromChars(parts[1])) as JsonObject : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
