using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Admission;

/// <summary>Mounts a projected token, the cluster's CA and the namespace into every container, as the real server's ServiceAccount plugin does.</summary>
internal sealed class ServiceAccountAdmission(ObjectStore store, MetadataRules names)
{
    public const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const long TokenSeconds = 3607;

    public void Admit(ResourceRequest request, KubeObject pod)
    {
        // A mirror of something that the node runs outside of pods has no token.
        if (pod.Annotations.ContainsKey("kubernetes.io/config.mirror"))
            return;
        var spec = pod.Root.Ensure("spec");
        var name = spec.TextAt("serviceAccountName");
        var account = store.State.Find(new ResourceKey(KindTable.ServiceAccount, request.Namespace, name));
        if (account is null)
            throw Refusal.Forbidden($"pods \"{pod.Name}\" is forbidden: error looking up service account {request.Namespace}/{name}: serviceaccount \"{name}\" not found", KindTable.Pod, pod.Name);
        var mounts = spec["automountServiceAccountToken"] ?? account.Read().Root["automountServiceAccountToken"];
        if (mounts is not null && !mounts.GetValue<bool>())
            return;
        var containers = spec.ObjectsAt("containers").Concat(spec.ObjectsAt("initContainers"))
            .Where(container => container.ObjectsAt("volumeMounts").All(mount => mount.TextAt("mountPath") != MountPath)).ToArray();
        if (containers.Length == 0)
            return;
        var volume = "kube-api-access-" + names.Suffix();
        if (spec["volumes"] is not JsonArray volumes)
            spec["volumes"] = volumes = [];
        volumes.Add(Volume(volume));
        foreach (var container in containers)
        {
            if (container["volumeMounts"] is not JsonArray list)
                container["volumeMounts"] = list = [];
            list.Add(new JsonObject { ["name"] = volume, ["readOnly"] = true, ["mountPath"] = MountPath });
        }
    }

    private static JsonObject Volume(string name) => new()
    {
        ["name"] = name,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(
                new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = TokenSeconds, ["path"] = "token" } },
                new JsonObject
                {
                    ["configMap"] = new JsonObject
                    {
                        ["name"] = "kube-root-ca.crt",
                        ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }),
                    },
                },
                new JsonObject
                {
                    ["downwardAPI"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject
                        {
                            ["path"] = "namespace",
                            ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" },
                        }),
                    },
                }),
            ["defaultMode"] = 420L,
        },
    };
}
