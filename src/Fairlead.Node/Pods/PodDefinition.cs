using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Pods;

/// <summary>A Pod object as the node acts on it.</summary>
internal sealed class PodDefinition(KubeObject pod)
{
    /// <summary>Seconds between asking and killing, where the pod names none (Kubernetes' default).</summary>
    private const int DefaultGrace = 30;

    public KubeObject Object { get; } = pod;
    public JsonObject Spec { get; } = pod.Spec ?? [];
    public string Uid => Object.Uid;
    public string Namespace => Object.Namespace;
    public string Name => Object.Name;
    public string RestartPolicy => Spec.Text("restartPolicy") is { Length: > 0 } policy ? policy : "Always";
    public string ServiceAccount => Spec.Text("serviceAccountName") is { Length: > 0 } account ? account : "default";
    public string HostName => Spec.Text("hostname") is { Length: > 0 } host ? host : Name;
    public JsonObject Security => Spec.Child("securityContext") ?? [];

    /// <summary>Made by the node for what runs beside it (istiod); there is no container behind it.</summary>
    public bool IsMirror => Object.Annotations.ContainsKey("kubernetes.io/config.mirror");

    public int GraceSeconds => (int)(Object.Metadata.Long("deletionGracePeriodSeconds") ?? Spec.Long("terminationGracePeriodSeconds") ?? DefaultGrace);

    public IReadOnlyList<ContainerDefinition> InitContainers { get; } = [.. (pod.Spec ?? []).Children("initContainers").Select(container => new ContainerDefinition(container, IsInit: true))];
    public IReadOnlyList<ContainerDefinition> Containers { get; } = [.. (pod.Spec ?? []).Children("containers").Select(container => new ContainerDefinition(container, IsInit: false))];

    public IEnumerable<ContainerDefinition> AllContainers => InitContainers.Concat(Containers);

    public bool HasSidecar => AllContainers.Any(container => container.IsProxy);
}
