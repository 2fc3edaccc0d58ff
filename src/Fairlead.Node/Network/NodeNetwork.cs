using Fairlead.Node.Machine;

namespace Fairlead.Node.Network;

/// <summary>
/// The node's side of the pod network: the bridge, forwarding, masquerade. Sysctls that it changes are written down before and put back by <see cref="TakeDownAsync"/>.
/// </summary>
internal sealed class NodeNetwork(NodePaths paths, bool isolated, Action<string> report)
{
    private const string SysctlRoot = "/proc/sys/";

    public async Task BringUpAsync(CancellationToken cancel)
    {
        if ((await Tool.TryRunAsync("ip", ["link", "show", NetworkPlan.Bridge], cancel: cancel).ConfigureAwait(false)).Code != 0)
            await Tool.RunAsync("ip", ["link", "add", NetworkPlan.Bridge, "type", "bridge"], cancel: cancel).ConfigureAwait(false);
        await Tool.RunAsync("ip", ["addr", "replace", $"{NetworkPlan.NodeAddress}/16", "dev", NetworkPlan.Bridge], cancel: cancel).ConfigureAwait(false);
        await Tool.RunAsync("ip", ["link", "set", NetworkPlan.Bridge, "up"], cancel: cancel).ConfigureAwait(false);
        await Tool.RunAsync("ip", ["link", "set", "lo", "up"], cancel: cancel).ConfigureAwait(false);
        Set("net/ipv4/ip_forward", "1");
    }

    /// <summary>The static part of the node's table: forwarding stays inside unless the machine's network may be used.</summary>
    public string BaseRules()
    {
        var outside = isolated
            ? $"iifname \"{NetworkPlan.Bridge}\" oifname != {{ \"{NetworkPlan.Bridge}\", \"lo\" }} reject"
            : "";
        var masquerade = isolated
            ? ""
            : $"ip saddr {NetworkPlan.PodBlock} oifname != \"{NetworkPlan.Bridge}\" masquerade";
        return $$"""
              chain forward {
                type filter hook forward priority filter; policy accept;
                {{outside}}
              }
              chain redirects {
                type filter hook output priority filter; policy accept;
                oifname "{{NetworkPlan.Bridge}}" icmp type redirect drop
              }
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                {{masquerade}}
              }

            """;
    }

    public static async Task TakeDownAsync(NodePaths paths, CancellationToken cancel)
    {
        await Tool.TryRunAsync("nft", ["delete", "table", "inet", NetworkPlan.Table], cancel: cancel).ConfigureAwait(false);
        await Tool.TryRunAsync("ip", ["link", "delete", NetworkPlan.Bridge], cancel: cancel).ConfigureAwait(false);
        if (JsonFile.Read(paths.Settings) is not { } saved)
            return;
        foreach (var (name, value) in saved)
        {
            if (File.Exists(SysctlRoot + name))
                await File.WriteAllTextAsync(SysctlRoot + name, value!.GetValue<string>(), cancel).ConfigureAwait(false);
        }
        File.Delete(paths.Settings);
    }

    private void Set(string name, string value)
    {
        var path = SysctlRoot + name;
        if (!File.Exists(path))
            return;
        var current = File.ReadAllText(path).Trim();
        if (current == value)
            return;
        var saved = JsonFile.Read(paths.Settings) ?? [];
        if (!saved.ContainsKey(name))
        {
            saved[name] = current;
            JsonFile.Write(paths.Settings, saved);
        }
        File.WriteAllText(path, value);
        report($"sysctl {name.Replace('/', '.')} set to {value} (was {current}; 'fairlead down' puts it back)");
    }
}
