using System.Text.Json.Nodes;
using Fairlead.ApiServer.Authn;
using Fairlead.ApiServer.Resources;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Serving;

/// <summary>Questions that are posted and answered, and stored nowhere: who am I, may I, whose token is this.</summary>
internal sealed class ReviewEndpoints(AccountTokens tokens)
{
    private static readonly string[] AllVerbs = ["*"];

    public static bool Serves(RequestTarget target) => (target.Group, target.Plural) is
        ("authentication.k8s.io", "tokenreviews" or "selfsubjectreviews")
        or ("authorization.k8s.io", "selfsubjectaccessreviews" or "subjectaccessreviews" or "selfsubjectrulesreviews")
        && target.Version == "v1" && target.Name.Length == 0;

    public async Task AnswerAsync(HttpContext context, Identity identity, RequestTarget target)
    {
        if (context.Request.Method != "POST")
            throw Refusal.MethodNotAllowed();
        if (!Roles.Allows(identity, "create", target.Group, target.Plural, target.Namespace, ""))
            throw Refusal.Forbidden(Roles.Denial(identity, "create", target.Group, target.Plural, target.Namespace, ""));
        var review = (await BodyReader.ReadAsync(context)).Node as JsonObject ?? [];
        review["apiVersion"] = target.ApiVersion;
        review["kind"] = target.Plural switch
        {
            "tokenreviews" => "TokenReview",
            "selfsubjectreviews" => "SelfSubjectReview",
            "selfsubjectaccessreviews" => "SelfSubjectAccessReview",
            "subjectaccessreviews" => "SubjectAccessReview",
            _ => "SelfSubjectRulesReview",
        };
        review.Ensure("metadata").Remove("creationTimestamp");
        review["status"] = target.Plural switch
        {
            "tokenreviews" => Token(review),
            "selfsubjectreviews" => new JsonObject { ["userInfo"] = identity.ToUserInfo() },
            "selfsubjectaccessreviews" => Access(identity, review),
            "subjectaccessreviews" => Access(Subject(review), review),
            _ => Rules(identity),
        };
        // A token that was asked about does not travel back.
        if (review["spec"] is JsonObject spec && target.Plural == "tokenreviews")
            spec.Remove("token");
        await Answers.JsonAsync(context, 201, review);
    }

    private JsonObject Token(JsonObject review)
    {
        string[] wanted = review.At("spec.audiences") is JsonArray list ? [.. list.Select(audience => audience!.ToString())] : [];
        var (identity, audiences, fault) = tokens.Verify(review.TextAt("spec.token"), wanted);
        if (identity is null)
            return new JsonObject { ["authenticated"] = false, ["error"] = fault };
        return new JsonObject
        {
            ["authenticated"] = true,
            ["user"] = identity.ToUserInfo(),
            ["audiences"] = JsonPath.TextArray(audiences),
        };
    }

    private static Identity Subject(JsonObject review) =>
        new(review.TextAt("spec.user"), review.At("spec.groups") is JsonArray groups ? [.. groups.Select(group => group!.ToString())] : []);

    private static JsonObject Access(Identity identity, JsonObject review)
    {
        bool allowed;
        if (review.At("spec.resourceAttributes") is JsonObject asked)
        {
            var subresource = asked.TextAt("subresource");
            var resource = asked.TextAt("resource") + (subresource.Length > 0 ? "/" + subresource : "");
            allowed = Roles.Allows(identity, asked.TextAt("verb"), asked.TextAt("group"), resource, asked.TextAt("namespace"), asked.TextAt("name"));
        }
        else if (review.At("spec.nonResourceAttributes") is JsonObject path)
        {
            allowed = identity.IsAdmin || path.TextAt("verb") is "get" or "head";
        }
        else
        {
            throw new Refusal(422, "Invalid", "spec: Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified");
        }
        var status = new JsonObject { ["allowed"] = allowed };
        if (!allowed)
            status["reason"] = "the fixed roles of this server do not grant it";
        return status;
    }

    private static JsonObject Rules(Identity identity)
    {
        var rules = new JsonArray();
        if (identity.IsAdmin)
            rules.Add(new JsonObject { ["verbs"] = JsonPath.TextArray(AllVerbs), ["apiGroups"] = JsonPath.TextArray(AllVerbs), ["resources"] = JsonPath.TextArray(AllVerbs) });
        return new JsonObject { ["resourceRules"] = rules, ["nonResourceRules"] = new JsonArray(), ["incomplete"] = !identity.IsAdmin };
    }
}
