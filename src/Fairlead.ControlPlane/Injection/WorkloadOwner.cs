using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Injection;

/// <summary>The workload that a pod is a part of, as telemetry names it: the Deployment behind a ReplicaSet, the CronJob behind a Job, else the controller, else the pod.</summary>
public sealed record WorkloadOwner(string ApiVersion, string Kind, string Namespace, string Name)
{
    private const string TemplateHash = "pod-template-hash";

    /// <summary>Minutes since 1970 that the CronJob controller appends to the names of its Jobs.</summary>
    private const int ShortestCronSuffix = 8;
    private const int LongestCronSuffix = 10;

    /// <summary>ISTIO_META_OWNER.</summary>
    public string Reference => $"kubernetes://apis/{ApiVersion}/namespaces/{Namespace}/{Kind.ToLowerInvariant()}s/{Name}";

    public static WorkloadOwner Of(KubeObject pod, string ns)
    {
        var owners = pod.Metadata["ownerReferences"] as JsonArray ?? [];
        var controller = owners.OfType<JsonObject>().FirstOrDefault(owner => owner["controller"] is JsonValue value && value.TryGetValue(out bool controls) && controls);
        if (controller is null)
            return new WorkloadOwner("v1", "Pod", ns, pod.Name.Length > 0 ? pod.Name : Text(pod.Metadata, "generateName").TrimEnd('-'));
        var direct = new WorkloadOwner(Text(controller, "apiVersion"), Text(controller, "kind"), ns, Text(controller, "name"));
        if (direct.Kind == "ReplicaSet" && pod.Labels.TryGetValue(TemplateHash, out var hash) && direct.Name.EndsWith($"-{hash}", StringComparison.Ordinal))
            return direct with { Kind = "Deployment", Name = direct.Name[..^(hash.Length + 1)] };
        if (direct.Kind == "Job" && direct.Name.LastIndexOf('-') is var dash and > 0 && IsCronSuffix(direct.Name[(dash + 1)..]))
            return direct with { Kind = "CronJob", Name = direct.Name[..dash] };
        return direct;
    }

    private static bool IsCronSuffix(string suffix) =>
        suffix.Length is >= ShortestCronSuffix and <= LongestCronSuffix && long.TryParse(suffix, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string Text(JsonObject node, string field) =>
        node[field] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
