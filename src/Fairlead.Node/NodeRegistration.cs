using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;
using Fairlead.Node.Machine;
using Fairlead.Node.Network;

namespace Fairlead.Node;

/// <summary>Keeps the Node object, and the mirror Pod that shows the control plane beside the cluster's pods and gives its Service an endpoint.</summary>
internal sealed class NodeRegistration(KubeConnection connection, bool isolated, TimeProvider time, Action<string> report)
{
    private const string SystemNamespace = "istio-system";
    private const int DiscoveryPort = 15012;

    /// <summary>How often the control plane is looked at, and how often the node's heartbeat is written at the most.</summary>
    private static readonly TimeSpan MirrorInterval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Heartbeat = TimeSpan.FromMinutes(1);

    private readonly DateTimeOffset started = time.GetUtcNow();
    private bool? wasServing;
    private string? dropped;

    /// <summary>Makes the Node object and writes what holds now: what is left of an earlier life must not be taken for it.</summary>
    public async Task RegisterAsync(CancellationToken cancel)
    {
        var node = new KubeObject(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject
            {
                ["name"] = NodeIdentity.Name,
                ["labels"] = new JsonObject
                {
                    ["kubernetes.io/hostname"] = NodeIdentity.Name,
                    ["kubernetes.io/os"] = "linux",
                    ["kubernetes.io/arch"] = "amd64",
                    ["node-role.kubernetes.io/control-plane"] = "",
                },
            },
            ["spec"] = new JsonObject { ["podCIDR"] = NetworkPlan.PodBlock, ["podCIDRs"] = new JsonArray(NetworkPlan.PodBlock) },
        });
        try
        {
            await connection.CreateAsync(KindTable.Node, node, cancel).ConfigureAwait(false);
        }
        catch (KubeStatusException exists) when (exists.IsAlreadyExists)
        {
            report("node: already registered");
        }
        await WriteStatusAsync(cancel).ConfigureAwait(false);
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        report("node: ready");
        var lastBeat = time.GetTimestamp();
        while (true)
        {
            try
            {
                if (time.GetElapsedTime(lastBeat) > Heartbeat)
                {
                    await WriteStatusAsync(cancel).ConfigureAwait(false);
                    lastBeat = time.GetTimestamp();
                }
                await MirrorAsync(cancel).ConfigureAwait(false);
            }
            catch (Exception failed) when (failed is KubeStatusException or HttpRequestException or IOException)
            {
                report($"node: status was not written: {failed.Message}");
            }
            await Task.Delay(MirrorInterval, time, cancel).ConfigureAwait(false);
        }
    }

    private async Task WriteStatusAsync(CancellationToken cancel)
    {
        var memory = $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024}Ki";
        JsonObject Capacity() => new() { ["cpu"] = Environment.ProcessorCount.ToString(), ["memory"] = memory, ["pods"] = "1000" };
        var now = JsonTree.Timestamp(time.GetUtcNow());
        var found = await ForwardingCheck.FindAsync(isolated, cancel).ConfigureAwait(false);
        if (found is not null && found != dropped)
            report(found);
        dropped = found;
        var status = new JsonObject
        {
            ["addresses"] = new JsonArray(
                new JsonObject { ["type"] = "InternalIP", ["address"] = NetworkPlan.NodeAddress.ToString() },
                new JsonObject { ["type"] = "Hostname", ["address"] = NodeIdentity.Name }),
            ["capacity"] = Capacity(),
            ["allocatable"] = Capacity(),
            ["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = NodeIdentity.EndpointPort } },
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Ready",
                ["status"] = "True",
                ["reason"] = "KubeletReady",
                ["message"] = "the node runs pods; UDP and ICMP are not captured",
                ["lastHeartbeatTime"] = now,
                ["lastTransitionTime"] = JsonTree.Timestamp(started),
            },
            new JsonObject
            {
                ["type"] = "NetworkUnavailable",
                ["status"] = dropped is null ? "False" : "True",
                ["reason"] = dropped is null ? "RouteCreated" : "FirewallDropsForwarded",
                ["message"] = dropped ?? "the bridge and its rules are in place",
                ["lastHeartbeatTime"] = now,
                ["lastTransitionTime"] = JsonTree.Timestamp(started),
            }),
            ["nodeInfo"] = new JsonObject
            {
                ["machineID"] = ReadText("/etc/machine-id"),
                ["systemUUID"] = ReadText("/etc/machine-id"),
                ["bootID"] = ReadText("/proc/sys/kernel/random/boot_id"),
                ["kernelVersion"] = ReadText("/proc/sys/kernel/osrelease"),
                ["osImage"] = "Linux",
                ["operatingSystem"] = "linux",
                ["architecture"] = "amd64",
                ["kubeletVersion"] = "v1.31.0+fairlead",
                ["kubeProxyVersion"] = "v1.31.0+fairlead",
                ["containerRuntimeVersion"] = "runc://1.1",
            },
        };
        await connection.PatchAsync(KindTable.Node, null, NodeIdentity.Name, PatchType.Merge, new JsonObject { ["status"] = status }, "status", cancel: cancel).ConfigureAwait(false);
    }

    private static string ReadText(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : "";

    private static string MirrorName => "istiod-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(NodeIdentity.Name)))[..10];

    private async Task MirrorAsync(CancellationToken cancel)
    {
        var isServing = await IsServingAsync(cancel).ConfigureAwait(false);
        if (isServing == wasServing)
            return;
        if (await connection.FindAsync(KindTable.Pod, SystemNamespace, MirrorName, cancel).ConfigureAwait(false) is null)
            await connection.CreateAsync(KindTable.Pod, MirrorPod(), cancel).ConfigureAwait(false);
        await connection.PatchAsync(KindTable.Pod, SystemNamespace, MirrorName, PatchType.Merge, new JsonObject { ["status"] = MirrorStatus(isServing) }, "status", cancel: cancel).ConfigureAwait(false);
        wasServing = isServing;
    }

    private static KubeObject MirrorPod() => new(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject
        {
            ["name"] = MirrorName,
            ["namespace"] = SystemNamespace,
            ["labels"] = new JsonObject { ["app"] = "istiod", ["istio"] = "pilot", ["istio.io/rev"] = "default", ["sidecar.istio.io/inject"] = "false" },
            ["annotations"] = new JsonObject { ["kubernetes.io/config.mirror"] = NodeIdentity.Name, ["kubernetes.io/config.source"] = "process" },
        },
        ["spec"] = new JsonObject
        {
            ["nodeName"] = NodeIdentity.Name,
            ["hostNetwork"] = true,
            ["serviceAccountName"] = "istiod",
            ["automountServiceAccountToken"] = false,
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "discovery",
                ["image"] = "fairlead:0.1.0",
                ["args"] = new JsonArray("control-plane"),
                ["ports"] = new JsonArray(
                    new JsonObject { ["containerPort"] = DiscoveryPort, ["name"] = "https-dns" },
                    new JsonObject { ["containerPort"] = 15017, ["name"] = "https-webhook" },
                    new JsonObject { ["containerPort"] = 15014, ["name"] = "http-monitoring" }),
            }),
        },
    });

    private JsonObject MirrorStatus(bool isServing)
    {
        var now = JsonTree.Timestamp(time.GetUtcNow());
        JsonObject Condition(string type, bool value) => new() { ["type"] = type, ["status"] = value ? "True" : "False", ["lastTransitionTime"] = now };
        return new JsonObject
        {
            ["phase"] = "Running",
            ["podIP"] = NetworkPlan.NodeAddress.ToString(),
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = NetworkPlan.NodeAddress.ToString() }),
            ["hostIP"] = NetworkPlan.NodeAddress.ToString(),
            ["startTime"] = JsonTree.Timestamp(started),
            ["conditions"] = new JsonArray(Condition("Initialized", true), Condition("Ready", isServing), Condition("ContainersReady", isServing), Condition("PodScheduled", true)),
            ["containerStatuses"] = new JsonArray(new JsonObject
            {
                ["name"] = "discovery",
                ["image"] = "fairlead:0.1.0",
                ["imageID"] = "",
                ["ready"] = isServing,
                ["started"] = true,
                ["restartCount"] = 0,
                ["state"] = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = JsonTree.Timestamp(started) } },
                ["lastState"] = new JsonObject(),
            }),
        };
    }

    private static async Task<bool> IsServingAsync(CancellationToken cancel)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(NetworkPlan.NodeAddress, DiscoveryPort, cancel).ConfigureAwait(false);
            return true;
        }
        catch (SocketException)
        {
            // Nobody listens: that is the answer.
            return false;
        }
    }
}
