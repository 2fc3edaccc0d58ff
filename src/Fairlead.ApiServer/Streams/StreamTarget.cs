using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Streams;

/// <summary>The pod and container that a stream is for, and where its node listens.</summary>
internal sealed record StreamTarget(string Namespace, string Pod, string Container, Uri Node)
{
    private const int DefaultPort = 10250;

    /// <summary>Resolves a request; refuses what could never be streamed, in the real server's words.</summary>
    public static StreamTarget Resolve(StoreState state, string @namespace, string name, string container, bool needsContainer)
    {
        var stored = state.Find(new ResourceKey(KindTable.Pod, @namespace, name)) ?? throw Refusal.NotFound(KindTable.Pod, name);
        var pod = stored.Read();
        var containers = pod.Root.ObjectsAt("spec.containers").Select(one => one.TextAt("name")).ToArray();
        var all = containers.Concat(pod.Root.ObjectsAt("spec.initContainers").Select(one => one.TextAt("name")))
            .Concat(pod.Root.ObjectsAt("spec.ephemeralContainers").Select(one => one.TextAt("name"))).ToArray();
        if (needsContainer && container.Length == 0)
        {
            if (pod.Annotations.TryGetValue("kubectl.kubernetes.io/default-container", out var preferred) && all.Contains(preferred))
                container = preferred;
            else if (containers.Length == 1)
                container = containers[0];
            else
                throw Refusal.BadRequest($"a container name must be specified for pod {name}, choose one of: [{string.Join(' ', all)}]");
        }
        else if (needsContainer && !all.Contains(container))
        {
            throw Refusal.BadRequest($"container {container} is not valid for pod {name}");
        }
        var node = pod.Root.TextAt("spec.nodeName");
        if (node.Length == 0)
            throw Refusal.BadRequest($"pod {name} does not have a host assigned");
        return new StreamTarget(@namespace, name, container, NodeUri(state, node));
    }

    private static Uri NodeUri(StoreState state, string name)
    {
        var node = state.Find(new ResourceKey(KindTable.Node, "", name))?.Read() ?? throw Refusal.NotFound(KindTable.Node, name);
        var address = node.Root.ObjectsAt("status.addresses").FirstOrDefault(one => one.TextAt("type") == "InternalIP").TextAt("address");
        if (address.Length == 0)
            throw Refusal.Unavailable($"node {name} has not told its address yet");
        return new Uri($"https://{address}:{node.Root.NumberAt("status.daemonEndpoints.kubeletEndpoint.Port") ?? DefaultPort}/");
    }
}
