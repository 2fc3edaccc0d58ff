using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Node.Machine;
using Fairlead.Node.Network;

namespace Fairlead.Node.Pods;

/// <summary>The downward API: fields and resources of a pod as text.</summary>
internal static class DownwardFields
{
    public static string Read(PodDefinition pod, string path, string podAddress) => path switch
    {
        "metadata.name" => pod.Name,
        "metadata.namespace" => pod.Namespace,
        "metadata.uid" => pod.Uid,
        "metadata.labels" => Quoted(pod.Object.Labels),
        "metadata.annotations" => Quoted(pod.Object.Annotations),
        "spec.nodeName" => pod.Spec.Text("nodeName"),
        "spec.serviceAccountName" => pod.ServiceAccount,
        "status.podIP" or "status.podIPs" => podAddress,
        "status.hostIP" or "status.hostIPs" => NetworkPlan.NodeAddress.ToString(),
        _ when Subscript(path, "metadata.labels") is { } label => pod.Object.Labels.TryGetValue(label, out var value) ? value : "",
        _ when Subscript(path, "metadata.annotations") is { } annotation => pod.Object.Annotations.TryGetValue(annotation, out var value) ? value : "",
        _ => throw new VolumeException($"fieldPath \"{path}\" is not supported"),
    };

    /// <summary>A limit or request; a container without a limit has the machine's whole capacity, as in Kubernetes.</summary>
    public static string ReadResource(PodDefinition pod, string container, JsonObject reference)
    {
        var (list, name) = reference.Text("resource").Split('.') is [var first, .. var rest] ? (first, string.Join('.', rest)) : ("", "");
        var resources = pod.AllContainers.FirstOrDefault(candidate => candidate.Name == container)?.Spec.Child("resources");
        var quantity = resources.Child(list).Text(name);
        var isCpu = name == "cpu";
        var amount = quantity.Length > 0 ? (isCpu ? Quantity.Milli(quantity) : Quantity.Whole(quantity) * 1000) : Capacity(isCpu);
        var divisor = reference.Text("divisor") is { Length: > 0 } asked && asked != "0" ? Quantity.Milli(asked) : 1000;
        return ((amount + divisor - 1) / divisor).ToString(CultureInfo.InvariantCulture);
    }

    private static long Capacity(bool isCpu) => isCpu ? Environment.ProcessorCount * 1000L : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * 1000L;

    /// <summary>One <c>key="escaped value"</c> a line, sorted by key.</summary>
    private static string Quoted(IReadOnlyDictionary<string, string> map)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            text.Append(text.Length > 0 ? "\n" : "").Append(key).Append('=').Append(JsonValue.Create(value).ToJsonString(JsonText.Relaxed));
        return text.ToString();
    }

    private static string? Subscript(string path, string map) =>
        path.StartsWith(map + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(map.Length + 2)..^2] : null;
}
