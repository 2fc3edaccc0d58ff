using System.Net;
using System.Security.Cryptography;
using System.Text;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Network;

/// <summary>
/// One pod's network namespace, its veth pair to the bridge, and the settings that live inside it. The address is a /32: whatever a pod sends passes
/// the node's routing, so that the answer of a translated service address comes back through the translation.
/// </summary>
internal static class PodNetwork
{
    /// <summary>The name carries the pod: found again after a restart, removed by <c>down</c>.</summary>
    public static string NamespaceName(string uid) => NetworkPlan.NamespacePrefix + Short(uid);

    public static string NamespacePath(string uid) => $"{NetworkPlan.NamespaceFolder}/{NamespaceName(uid)}";

    public static string LinkName(string uid) => "flv" + Short(uid);

    public static async Task CreateAsync(string uid, IPAddress address, CancellationToken cancel)
    {
        var name = NamespaceName(uid);
        var path = NamespacePath(uid);
        if (File.Exists(path) && (await Tool.TryRunAsync("nsenter", [$"--net={path}", "ip", "addr", "show", "eth0"], cancel: cancel).ConfigureAwait(false)).Output.Contains($"{address}/", StringComparison.Ordinal))
            return;
        await DeleteAsync(uid, cancel).ConfigureAwait(false);
        var link = LinkName(uid);
        await Tool.RunAsync("ip", ["netns", "add", name], cancel: cancel).ConfigureAwait(false);
        await Tool.RunAsync("ip", ["-batch", "-"], $"""
            link add {link} type veth peer name eth0 netns {name}
            link set {link} master {NetworkPlan.Bridge}
            link set {link} up
            """ + "\n", cancel).ConfigureAwait(false);
        await Tool.RunAsync("ip", ["-n", name, "-batch", "-"], $"""
            link set lo up
            addr add {address}/32 dev eth0
            link set eth0 up
            route add {NetworkPlan.NodeAddress} dev eth0 scope link
            route add default via {NetworkPlan.NodeAddress}
            """ + "\n", cancel).ConfigureAwait(false);
        await Syscalls.InNetworkNamespaceAsync(path, () =>
        {
            // Containers hold no CAP_NET_RAW: ping goes by datagram sockets, and low ports need no capability.
            File.WriteAllText("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
            File.WriteAllText("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
            return true;
        }).ConfigureAwait(false);
    }

    public static async Task DeleteAsync(string uid, CancellationToken cancel)
    {
        await Tool.TryRunAsync("ip", ["link", "delete", LinkName(uid)], cancel: cancel).ConfigureAwait(false);
        if (File.Exists(NamespacePath(uid)))
            await Tool.TryRunAsync("ip", ["netns", "delete", NamespaceName(uid)], cancel: cancel).ConfigureAwait(false);
    }

    public static Task ApplyRulesAsync(string uid, string ruleset, CancellationToken cancel) =>
        Tool.RunAsync("nsenter", [$"--net={NamespacePath(uid)}", "nft", "-f", "-"], ruleset, cancel);

    /// <summary>Ten hex digits: short enough for IFNAMSIZ, long enough for a machine's pods.</summary>
    private static string Short(string uid) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(uid)))[..10];
}
