using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;

namespace Fairlead.ApiServer.Admission;

/// <summary>Fields of a pod that are stored and not acted on, in words for Warning headers. What would be unsafe to pass over, the node refuses instead.</summary>
internal static class PodFieldWarnings
{
    private static readonly (string Field, string Words)[] OfPod =
    [
        ("affinity", "with one node there is nothing to choose; use nodeSelector to keep a pod off it"),
        ("topologySpreadConstraints", "with one node there is nothing to spread over"),
        ("priorityClassName", "pods are started in the order in which they come"),
        ("preemptionPolicy", "no pod makes way for another"),
        ("runtimeClassName", "every container runs under the node's own runtime"),
        ("overhead", "nothing is reckoned beyond the containers' own limits"),
        ("readinessGates", "a pod is ready when its containers are"),
        ("activeDeadlineSeconds", "a pod runs until it ends or is deleted"),
        ("setHostnameAsFQDN", "the host name is the pod's name"),
        ("imagePullSecrets", "images are not pulled; import them with fairlead image import"),
        ("securityContext.sysctls", "the namespaces keep the kernel's defaults"),
        ("securityContext.seLinuxOptions", "containers run without labels"),
        ("securityContext.appArmorProfile", "containers run without a profile"),
        ("securityContext.fsGroupChangePolicy", "ownership is always set"),
        ("securityContext.supplementalGroupsPolicy", "the groups are those of the pod"),
    ];

    private static readonly (string Field, string Words)[] OfContainer =
    [
        ("securityContext.seLinuxOptions", "containers run without labels"),
        ("securityContext.appArmorProfile", "containers run without a profile"),
        ("securityContext.procMount", "/proc is always masked"),
        ("resizePolicy", "limits of a running container do not change"),
    ];

    /// <param name="path">Where the pod's spec lies in the object.</param>
    public static IEnumerable<string> Find(JsonObject spec, string path)
    {
        foreach (var (field, words) in OfPod)
        {
            if (IsSet(spec.At(field)))
                yield return Warning($"{path}.{field}", words);
        }
        if (spec.TextAt("schedulerName") is not ("" or "default-scheduler") and var scheduler)
            yield return Warning($"{path}.schedulerName", $"there is no scheduler {scheduler}; the default one binds the pod");
        foreach (var warning in Seccomp(spec, path))
            yield return warning;
        foreach (var volume in spec.ObjectsAt("volumes"))
        {
            if (IsSet(volume.At("emptyDir.sizeLimit")))
                yield return Warning($"{path}.volumes[{volume.TextAt("name")}].emptyDir.sizeLimit", "all that a pod writes shares one limit");
        }
        foreach (var list in (string[])["initContainers", "containers"])
        {
            foreach (var container in spec.ObjectsAt(list))
            {
                foreach (var warning in Container(container, $"{path}.{list}[{container.TextAt("name")}]"))
                    yield return warning;
            }
        }
    }

    private static IEnumerable<string> Container(JsonObject container, string at)
    {
        foreach (var (field, words) in OfContainer)
        {
            if (IsSet(container.At(field)))
                yield return Warning($"{at}.{field}", words);
        }
        foreach (var warning in Seccomp(container, at))
            yield return warning;
        if (container.FlagAt("securityContext.allowPrivilegeEscalation"))
            yield return Warning($"{at}.securityContext.allowPrivilegeEscalation", "no_new_privs is always set");
        foreach (var (resource, _) in container.At("resources.limits") as JsonObject ?? [])
        {
            if (resource is not ("cpu" or "memory"))
                yield return Warning($"{at}.resources.limits.{resource}", "only cpu and memory are limited");
        }
        foreach (var mount in container.ObjectsAt("volumeMounts"))
        {
            if (mount.TextAt("mountPropagation") is not ("" or "None"))
                yield return Warning($"{at}.volumeMounts[{mount.TextAt("name")}].mountPropagation", "mounts do not propagate");
            if (IsSet(mount["recursiveReadOnly"]))
                yield return Warning($"{at}.volumeMounts[{mount.TextAt("name")}].recursiveReadOnly", "there is nothing mounted below a volume");
        }
    }

    private static IEnumerable<string> Seccomp(JsonObject owner, string at)
    {
        if (owner.TextAt("securityContext.seccompProfile.type") is not ("" or "RuntimeDefault"))
            yield return Warning($"{at}.securityContext.seccompProfile", "the default profile always applies");
    }

    private static bool IsSet(JsonNode? node) => node switch
    {
        null => false,
        JsonArray list => list.Count > 0,
        JsonObject fields => fields.Count > 0,
        _ => node.GetValueKind() is not JsonValueKind.False && node.ToString().Length > 0,
    };

    private static string Warning(string field, string words) => $"{field} is not acted on: {words}";
}
