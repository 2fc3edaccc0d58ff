using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Analysis;

/// <summary>IST0109: several VirtualServices for one host on the mesh; sidecars use the oldest and ignore the others.</summary>
internal static class MeshHostConflicts
{
    public static void Check(AnalysisModel model, FindingSink sink)
    {
        var byHost = new Dictionary<string, List<(Item<VirtualService> Item, int Index)>>(StringComparer.Ordinal);
        foreach (var item in model.VirtualServices.Where(item => item.Value is { AppliesToMesh: true, IsDelegate: false }))
        {
            for (var i = 0; i < item.Value.Hosts.Count; i++)
            {
                var host = HostName.Resolve(item.Value.Hosts[i], item.Value.Meta.Namespace).Normalized.Value;
                if (!byHost.TryGetValue(host, out var list))
                    byHost[host] = list = [];
                list.Add((item, i));
            }
        }
        foreach (var (host, claims) in byHost.Where(pair => pair.Value.Count > 1))
            Report(model, sink, host, claims);
    }

    private static void Report(AnalysisModel model, FindingSink sink, string host, List<(Item<VirtualService> Item, int Index)> claims)
    {
        var ordered = claims.OrderBy(claim => claim.Item.Value.Meta.Created).ThenBy(claim => claim.Item.Value.Meta.ToString(), StringComparer.Ordinal).ToArray();
        foreach (var (item, index) in ordered)
        {
            var rivals = ordered.Where(other => other.Item != item && Meet(model, item.Value, other.Item.Value)).ToArray();
            if (rivals.Length == 0)
                continue;
            var names = rivals.Select(other => other.Item.Value.Meta.ToString()).Append(item.Value.Meta.ToString()).Order(StringComparer.Ordinal);
            var winner = ordered.First(other => other.Item == item || rivals.Any(rival => rival.Item == other.Item)).Item;
            sink.Error(item.Source, AnalysisCodes.ConflictingMeshHosts, $"spec.hosts[{index}]",
                $"The VirtualServices {string.Join(",", names)} associated with mesh gateway define the same host {host} which can lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices into a single resource.",
                winner == item ? "this one is the oldest and wins; move the others' rules into it" : $"move its rules into {winner.Value.Meta}, the oldest, which wins");
        }
    }

    // They meet where one namespace sees both.
    private static bool Meet(AnalysisModel model, VirtualService left, VirtualService right)
    {
        var (a, b) = (Scope(model, left), Scope(model, right));
        return a is null || b is null || a.Overlaps(b);
    }

    private static HashSet<string>? Scope(AnalysisModel model, VirtualService service)
    {
        var exportTo = service.ExportTo.Count > 0 ? service.ExportTo : model.Mesh.DefaultVirtualServiceExportTo;
        return exportTo.Contains("*") ? null : exportTo.Select(name => name == "." ? service.Meta.Namespace : name).ToHashSet(StringComparer.Ordinal);
    }
}
