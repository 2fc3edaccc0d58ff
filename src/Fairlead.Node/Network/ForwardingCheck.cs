using System.Text.Json.Nodes;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Network;

/// <summary>Looks for another firewall (Docker's, for one) that swallows the pods' packets: a chain at the forward hook whose policy is drop and that lets the bridge's packets through nowhere.</summary>
internal static class ForwardingCheck
{
    /// <summary>Set: packets that a bridge switches pass the machine's IP firewalls too (kernel, ip-sysctl: bridge-nf-call-iptables; Docker sets it).</summary>
    private const string BridgePassesFirewalls = "/proc/sys/net/bridge/bridge-nf-call-iptables";

    /// <summary>What is dropped, by which chain, and the remedy; null when nothing is.</summary>
    public static async Task<string?> FindAsync(bool isolated, CancellationToken cancel)
    {
        var amongPods = File.Exists(BridgePassesFirewalls) && File.ReadAllText(BridgePassesFirewalls).Trim() != "0";
        if (isolated && !amongPods)
            return null;
        var (code, output, _) = await Tool.TryRunAsync("nft", ["-j", "list", "ruleset"], cancel: cancel).ConfigureAwait(false);
        if (code != 0 || JsonNode.Parse(output)?["nftables"] is not JsonArray entries)
            return null;
        var rules = entries.Select(entry => entry?["rule"]).OfType<JsonObject>().ToList();
        foreach (var chain in entries.Select(entry => entry?["chain"]).OfType<JsonObject>().Where(Drops))
        {
            if (rules.Exists(rule => Same(rule, chain, "family") && Same(rule, chain, "table") && LetsThrough(rule)))
                continue;
            var lost = amongPods ? "pods reach neither one another nor the outside" : "pods do not reach the outside";
            return $"the firewall chain '{chain.Text("family")} {chain.Text("table")} {chain.Text("name")}' drops forwarded packets: {lost}; "
                + $"allow them with: iptables -I FORWARD -i {NetworkPlan.Bridge} -j ACCEPT; iptables -I FORWARD -o {NetworkPlan.Bridge} -j ACCEPT";
        }
        return null;
    }

    private static bool Drops(JsonObject chain) => chain.Text("hook") == "forward" && chain.Text("policy") == "drop" && chain.Text("table") != NetworkPlan.Table;

    /// <summary>The remedy's form, or the same said of the bridge's addresses: a rule that names them and accepts.</summary>
    private static bool LetsThrough(JsonObject rule)
    {
        var text = rule.ToJsonString();
        return text.Contains("\"accept\"", StringComparison.Ordinal) && (text.Contains($"\"{NetworkPlan.Bridge}\"", StringComparison.Ordinal) || text.Contains("10.244.0.0", StringComparison.Ordinal));
    }

    private static bool Same(JsonObject one, JsonObject other, string field) => one.Text(field) == other.Text(field);
}
