using System.Net;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Pods;

/// <summary>One pod's state on disk: its last definition, its address and its containers.</summary>
internal sealed class PodRecord
{
    private readonly string path;
    private readonly SortedDictionary<string, ContainerRecord> containers = new(StringComparer.Ordinal);

    private PodRecord(string folder, KubeObject pod)
    {
        path = Path.Combine(folder, "pod.json");
        Pod = pod;
    }

    public KubeObject Pod { get; set; }
    public IPAddress? Address { get; set; }
    public DateTimeOffset StartTime { get; set; }

    public ContainerRecord this[string name] => containers.TryGetValue(name, out var record) ? record : containers[name] = new ContainerRecord { Name = name };

    public IEnumerable<ContainerRecord> Containers => containers.Values;

    public static PodRecord Open(string folder, KubeObject pod, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder);
        return Load(folder, pod) ?? new PodRecord(folder, pod) { StartTime = now };
    }

    /// <summary>What a former node process left; null without a readable record. <paramref name="current"/> replaces the saved definition.</summary>
    public static PodRecord? Load(string folder, KubeObject? current = null)
    {
        if (JsonFile.Read(Path.Combine(folder, "pod.json")) is not { } saved || saved.Child("pod") is not { } pod)
            return null;
        var record = new PodRecord(folder, current ?? new KubeObject((JsonObject)pod.DeepClone()))
        {
            Address = IPAddress.TryParse(saved.Text("address"), out var address) ? address : null,
            StartTime = DateTimeOffset.FromUnixTimeMilliseconds(saved.Long("startTime") ?? 0),
        };
        foreach (var container in saved.Children("containers").Select(ContainerRecord.Read))
            record.containers[container.Name] = container;
        return record;
    }

    public void Save() => JsonFile.Write(path, new JsonObject
    {
        ["pod"] = Pod.Root.DeepClone(),
        ["address"] = Address?.ToString() ?? "",
        ["startTime"] = StartTime.ToUnixTimeMilliseconds(),
        ["containers"] = new JsonArray([.. containers.Values.Select(container => (JsonNode?)container.ToJson())]),
    });
}
