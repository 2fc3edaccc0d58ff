using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Admission;

/// <summary>The request of an AdmissionReview (admission.k8s.io/v1).</summary>
/// <param name="Object">The object to admit; null for a deletion.</param>
public sealed record AdmissionRequest(string Uid, string Operation, string Namespace, bool DryRun, KubeObject? Object, KubeObject? OldObject)
{
    /// <exception cref="InvalidDataException">The review is not one that a webhook can answer.</exception>
    public static AdmissionRequest Read(KubeObject review)
    {
        if (review.Kind != "AdmissionReview" || review.Root["request"] is not JsonObject request)
            throw new InvalidDataException("the body is no AdmissionReview with a request");
        if (review.ApiVersion != "admission.k8s.io/v1")
            throw new InvalidDataException($"AdmissionReview {review.ApiVersion} is not supported; register the webhook with admissionReviewVersions [v1]");
        return new AdmissionRequest(
            Text(request["uid"]), Text(request["operation"]), Text(request["namespace"]),
            request["dryRun"] is JsonValue value && value.TryGetValue(out bool dry) && dry,
            Detached(request, "object"), Detached(request, "oldObject"));
    }

    private static KubeObject? Detached(JsonObject request, string field)
    {
        if (request[field] is not JsonObject node)
            return null;
        request.Remove(field);
        return new KubeObject(node);
    }

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
