using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Controllers;

/// <summary>How many replicas each ReplicaSet of a Deployment may have next. Pure: counts in, counts out.</summary>
internal static class RollingUpdate
{
    /// <summary>Replicas of the new set after one step.</summary>
    public static int NextNew(KubeObject deployment, int currentNew, int total)
    {
        var wanted = Wanted(deployment);
        if (currentNew >= wanted)
            return wanted;
        if (deployment.Root.TextAt("spec.strategy.type") == "Recreate")
            return total - currentNew > 0 ? currentNew : wanted;
        var room = wanted + Surge(deployment) - total;
        return room <= 0 ? currentNew : Math.Min(wanted, currentNew + room);
    }

    /// <summary>
    /// How many old replicas may go: available ones only as far as the whole keeps its minimum, unavailable ones at once.
    /// </summary>
    public static int OldToRemove(KubeObject deployment, int newReplicas, int newAvailable, int oldReplicas, int oldAvailable)
    {
        if (deployment.Root.TextAt("spec.strategy.type") == "Recreate")
            return oldReplicas;
        var minimum = Wanted(deployment) - Unavailable(deployment);
        var newUnavailable = newReplicas - newAvailable;
        var removable = newReplicas + oldReplicas - minimum - newUnavailable;
        if (removable <= 0)
            return 0;
        var broken = Math.Min(oldReplicas - oldAvailable, removable);
        var spare = Math.Max(0, Math.Min(newAvailable + oldAvailable - minimum, removable - broken));
        return Math.Min(oldReplicas, broken + spare);
    }

    public static int Wanted(KubeObject deployment) => (int)(deployment.Root.NumberAt("spec.replicas") ?? 1);

    public static int Surge(KubeObject deployment) => Resolve(deployment.Root.At("spec.strategy.rollingUpdate.maxSurge"), Wanted(deployment), up: true);

    /// <summary>At least one of surge and unavailable must allow a step.</summary>
    public static int Unavailable(KubeObject deployment)
    {
        var unavailable = Resolve(deployment.Root.At("spec.strategy.rollingUpdate.maxUnavailable"), Wanted(deployment), up: false);
        return Math.Min(Wanted(deployment), unavailable == 0 && Surge(deployment) == 0 ? 1 : unavailable);
    }

    private static int Resolve(JsonNode? value, int of, bool up)
    {
        if (value.AsNumber() is { } number)
            return (int)number;
        var text = value?.ToString() ?? "25%";
        if (!text.EndsWith('%') || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
            return 0;
        return up ? (of * percent + 99) / 100 : of * percent / 100;
    }
}
