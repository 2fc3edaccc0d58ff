using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Controllers;

/// <summary>A Deployment's status from its ReplicaSets: counts and the conditions that <c>rollout status</c> and <c>wait</c> read.</summary>
internal static class DeploymentStatus
{
    /// <summary>The status, and after what time the progress deadline must be looked at again.</summary>
    public static (JsonObject Status, TimeSpan? Again) Of(KubeObject deployment, List<KubeObject> sets, KubeObject? current, DateTimeOffset now)
    {
        long Sum(string field) => sets.Sum(set => set.Root.NumberAt("status." + field) ?? 0);
        var wanted = RollingUpdate.Wanted(deployment);
        var replicas = Sum("replicas");
        var available = Sum("availableReplicas");
        var updated = current?.Root.NumberAt("status.replicas") ?? 0;
        var status = new JsonObject { ["observedGeneration"] = deployment.Generation };
        void Add(string field, long count)
        {
            if (count > 0)
                status[field] = count;
        }
        Add("replicas", replicas);
        Add("updatedReplicas", updated);
        Add("readyReplicas", Sum("readyReplicas"));
        Add("availableReplicas", available);
        Add("unavailableReplicas", Math.Max(0, Math.Max(wanted, replicas) - available));
        var had = deployment.Root.ObjectsAt("status.conditions").ToDictionary(condition => condition.TextAt("type"));
        var conditions = new JsonArray
        {
            available >= wanted - RollingUpdate.Unavailable(deployment)
                ? Condition(had, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
                : Condition(had, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now),
        };
        var complete = current is not null && updated == wanted && replicas == wanted && available >= wanted;
        var again = Progress(deployment, had, conditions, current, complete, status, now);
        if (current?.Root.ObjectsAt("status.conditions").FirstOrDefault(condition => condition.TextAt("type") == "ReplicaFailure") is { } failure)
            conditions.Add(Condition(had, "ReplicaFailure", "True", failure.TextAt("reason"), failure.TextAt("message"), now));
        status["conditions"] = conditions;
        return (status, again);
    }

    private static TimeSpan? Progress(
        KubeObject deployment, Dictionary<string, JsonObject> had, JsonArray conditions, KubeObject? current, bool complete, JsonObject status, DateTimeOffset now)
    {
        var name = current?.Name ?? "";
        if (complete)
        {
            conditions.Add(Condition(had, "Progressing", "True", "NewReplicaSetAvailable", $"ReplicaSet \"{name}\" has successfully progressed.", now));
            return null;
        }
        var before = had.GetValueOrDefault("Progressing");
        var moved = before is null || before.TextAt("reason") == "NewReplicaSetAvailable"
            || deployment.Root.NumberAt("status.updatedReplicas") != status.NumberAt("updatedReplicas")
            || deployment.Root.NumberAt("status.availableReplicas") != status.NumberAt("availableReplicas")
            || deployment.Root.NumberAt("status.observedGeneration") != status.NumberAt("observedGeneration");
        if (moved)
        {
            conditions.Add(Condition(had, "Progressing", "True", "ReplicaSetUpdated", $"ReplicaSet \"{name}\" is progressing.", now, touch: true));
            return TimeSpan.FromSeconds(deployment.Root.NumberAt("spec.progressDeadlineSeconds") ?? 600);
        }
        var deadline = TimeSpan.FromSeconds(deployment.Root.NumberAt("spec.progressDeadlineSeconds") ?? 600);
        var waited = now - (JsonPath.Moment(before.TextAt("lastUpdateTime")) ?? now);
        if (waited < deadline)
        {
            conditions.Add(before!.DeepClone());
            return deadline - waited + TimeSpan.FromSeconds(1);
        }
        conditions.Add(Condition(had, "Progressing", "False", "ProgressDeadlineExceeded", $"ReplicaSet \"{name}\" has timed out progressing.", now));
        return null;
    }

    private static JsonObject Condition(
        Dictionary<string, JsonObject> had, string type, string status, string reason, string message, DateTimeOffset now, bool touch = false)
    {
        var before = had.GetValueOrDefault(type);
        if (!touch && before is not null && before.TextAt("status") == status && before.TextAt("reason") == reason && before.TextAt("message") == message)
            return (JsonObject)before.DeepClone();
        var stamp = JsonPath.Timestamp(now);
        return new JsonObject
        {
            ["type"] = type,
            ["status"] = status,
            ["lastUpdateTime"] = stamp,
            ["lastTransitionTime"] = before is not null && before.TextAt("status") == status ? before.TextAt("lastTransitionTime") : stamp,
            ["reason"] = reason,
            ["message"] = message,
        };
    }
}
