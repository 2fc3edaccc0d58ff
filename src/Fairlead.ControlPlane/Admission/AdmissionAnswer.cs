using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Admission;

/// <summary>The response of an AdmissionReview.</summary>
/// <param name="Allowed">False refuses the request with <paramref name="Message"/>.</param>
/// <param name="Patch">RFC 6902 operations; null changes nothing.</param>
public sealed record AdmissionAnswer(bool Allowed, string Message, JsonArray? Patch, IReadOnlyList<string> Warnings)
{
    public static AdmissionAnswer Unchanged { get; } = new(true, "", null, []);

    public static AdmissionAnswer Denied(string message, IReadOnlyList<string>? warnings = null) => new(false, message, null, warnings ?? []);

    /// <summary>The whole review, as the API server expects it back.</summary>
    public KubeObject ToReview(string uid)
    {
        var response = new JsonObject { ["uid"] = uid, ["allowed"] = Allowed };
        if (!Allowed)
            response["status"] = new JsonObject { ["message"] = Message, ["code"] = 400 };
        if (Patch is { Count: > 0 })
        {
            response["patchType"] = "JSONPatch";
            response["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Patch.ToJsonString(JsonText.Relaxed)));
        }
        if (Warnings.Count > 0)
            response["warnings"] = new JsonArray([.. Warnings.Select(warning => (JsonNode)warning)]);
        return new KubeObject(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response });
    }
}
