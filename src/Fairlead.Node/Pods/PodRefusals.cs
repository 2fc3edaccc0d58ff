using Fairlead.Node.Machine;
using Fairlead.Node.Runtime;

namespace Fairlead.Node.Pods;

/// <summary>What a pod may ask for and this node does not do: refused with the field's path and a remedy, before anything runs.</summary>
internal static class PodRefusals
{
    private const long SidecarId = 1337;

    private static readonly string[] VolumeKinds = ["configMap", "secret", "projected", "downwardAPI", "emptyDir"];

    public static IReadOnlyList<string> Find(PodDefinition pod)
    {
        var refusals = new List<string>();
        foreach (var field in new[] { "hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace" })
        {
            if (pod.Spec.Flag(field))
                refusals.Add($"spec.{field} is not supported: pods here are isolated from the machine; remove it");
        }
        foreach (var volume in pod.Spec.Children("volumes"))
        {
            var kind = volume.Select(pair => pair.Key).FirstOrDefault(key => key != "name") ?? "emptyDir";
            if (!VolumeKinds.Contains(kind))
                refusals.Add($"spec.volumes[{volume.Text("name")}].{kind} is not supported; use {string.Join(", ", VolumeKinds)}");
        }
        if (pod.Security.Long("runAsUser") == SidecarId && pod.Containers.Any(container => !container.IsProxy && container.Security.Long("runAsUser") is null or SidecarId))
            refusals.Add($"spec.securityContext.runAsUser {SidecarId} is the sidecar's own: its traffic would bypass the mesh; use another uid");
        foreach (var container in pod.AllContainers.Where(container => !container.IsCaptureStep))
            refusals.AddRange(Find(container));
        return refusals;
    }

    private static IEnumerable<string> Find(ContainerDefinition container)
    {
        var place = $"spec.{(container.IsInit ? "initContainers" : "containers")}[{container.Name}]";
        var security = container.Security;
        if (security.Flag("privileged"))
            yield return $"{place}.securityContext.privileged is not supported: containers here cannot change the machine; remove it";
        if (!container.IsProxy && (security.Long("runAsUser") == SidecarId || security.Long("runAsGroup") == SidecarId))
            yield return $"{place}.securityContext: uid and gid {SidecarId} are the sidecar's own: their traffic would bypass the mesh; use another";
        foreach (var capability in security.Child("capabilities").Texts("add").Where(name => !OciConfiguration.AllowedCapabilities.Contains("CAP_" + name)))
            yield return $"{place}.securityContext.capabilities.add {capability} is not supported: it reaches beyond the container; remove it";
        if (container.Spec.Children("volumeDevices").Any())
            yield return $"{place}.volumeDevices is not supported: containers see no devices of the machine";
        foreach (var port in container.Spec.Children("ports").Where(port => port.Number("hostPort") is > 0))
            yield return $"{place}.ports[{port.Number("containerPort")}].hostPort is not supported; use kubectl port-forward";
        foreach (var kind in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
        {
            if (container.Spec.Child(kind).Child("grpc") is not null)
                yield return $"{place}.{kind}.grpc is not supported; use httpGet, tcpSocket or exec";
        }
        foreach (var mount in container.Spec.Children("volumeMounts").Where(mount => mount.Text("subPathExpr").Length > 0))
            yield return $"{place}.volumeMounts[{mount.Text("name")}].subPathExpr is not supported; use subPath";
    }
}
