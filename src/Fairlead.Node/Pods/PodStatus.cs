using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Node.Machine;
using Fairlead.Node.Network;

namespace Fairlead.Node.Pods;

/// <summary>A pod's record → its <c>status</c> as a kubelet writes it.</summary>
internal static class PodStatus
{
    private static readonly string[] ComputeResources = ["cpu", "memory"];

    public static JsonObject Render(PodDefinition pod, PodRecord record, bool isTerminating, DateTimeOffset now, JsonObject? former)
    {
        var initialized = pod.InitContainers.All(container => IsThrough(container, record));
        var ready = initialized && !isTerminating
            && pod.Containers.All(container => record[container.Name] is { Phase: ContainerPhase.Running, IsReady: true })
            && pod.InitContainers.Where(container => container.IsNativeSidecar).All(container => record[container.Name].IsReady);
        var phase = Phase(pod, record, initialized);
        var status = new JsonObject
        {
            ["phase"] = phase,
            ["conditions"] = Conditions(pod, record, initialized, ready, phase, now, former),
            ["hostIP"] = NetworkPlan.NodeAddress.ToString(),
            ["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = NetworkPlan.NodeAddress.ToString() }),
            ["startTime"] = JsonTree.Timestamp(record.StartTime),
            ["qosClass"] = QualityOfService(pod),
        };
        if (record.Address is { } address)
        {
            status["podIP"] = address.ToString();
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address.ToString() });
        }
        if (pod.InitContainers.Count > 0)
            status["initContainerStatuses"] = Statuses(pod.InitContainers, record);
        status["containerStatuses"] = Statuses(pod.Containers, record);
        return status;
    }

    public static bool IsThrough(ContainerDefinition container, PodRecord record) => container.IsNativeSidecar
        ? record[container.Name] is { Phase: ContainerPhase.Running, IsStarted: true }
        : record[container.Name] is { Phase: ContainerPhase.Terminated, ExitCode: 0 };

    private static string Phase(PodDefinition pod, PodRecord record, bool initialized)
    {
        var failedInit = pod.InitContainers.Any(container => !container.IsNativeSidecar && pod.RestartPolicy == "Never" && record[container.Name] is { Phase: ContainerPhase.Terminated, ExitCode: not 0 });
        if (failedInit)
            return "Failed";
        if (!initialized && !pod.Containers.Any(container => record[container.Name].HasRun))
            return "Pending";
        var states = pod.Containers.Select(container => record[container.Name]).ToList();
        if (states.All(state => state.Phase == ContainerPhase.Terminated) && pod.RestartPolicy != "Always")
        {
            if (states.All(state => state.ExitCode == 0))
                return "Succeeded";
            if (pod.RestartPolicy == "Never")
                return "Failed";
        }
        return states.Exists(state => state.Phase != ContainerPhase.Waiting || state.HasRun) ? "Running" : "Pending";
    }

    private static JsonArray Conditions(PodDefinition pod, PodRecord record, bool initialized, bool ready, string phase, DateTimeOffset now, JsonObject? former)
    {
        var unready = pod.Containers.Where(container => record[container.Name] is not { Phase: ContainerPhase.Running, IsReady: true }).Select(container => container.Name).ToList();
        var uninitialized = pod.InitContainers.Where(container => !IsThrough(container, record)).Select(container => container.Name).ToList();
        var completed = phase == "Succeeded";
        var (reason, message) = ready ? ("", "") : completed ? ("PodCompleted", "") : ("ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]");
        return
        [
            Condition("PodReadyToStartContainers", record.Address is not null, "", ""),
            Condition("Initialized", initialized || completed, initialized ? "" : "ContainersNotInitialized", initialized ? "" : $"containers with incomplete status: [{string.Join(' ', uninitialized)}]"),
            Condition("Ready", ready, reason, message),
            Condition("ContainersReady", ready, reason, message),
            Condition("PodScheduled", true, "", ""),
        ];

        JsonObject Condition(string type, bool isTrue, string why, string words)
        {
            var value = isTrue ? "True" : "False";
            var before = former.Children("conditions").FirstOrDefault(condition => condition.Text("type") == type);
            var condition = new JsonObject
            {
                ["type"] = type,
                ["status"] = value,
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = before.Text("status") == value ? before.Text("lastTransitionTime") : JsonTree.Timestamp(now),
            };
            if (why.Length > 0)
                condition["reason"] = why;
            if (words.Length > 0)
                condition["message"] = words;
            return condition;
        }
    }

    private static JsonArray Statuses(IReadOnlyList<ContainerDefinition> containers, PodRecord record) => [.. containers.Select(container =>
    {
        var state = record[container.Name];
        var status = new JsonObject
        {
            ["name"] = container.Name,
            ["image"] = container.Image,
            ["imageID"] = state.ImageId,
            ["ready"] = container.IsInit && !container.IsNativeSidecar ? state is { Phase: ContainerPhase.Terminated, ExitCode: 0 } : state is { Phase: ContainerPhase.Running, IsReady: true },
            ["started"] = state.Phase == ContainerPhase.Running && state.IsStarted,
            ["restartCount"] = state.RestartCount,
            ["state"] = State(state),
            ["lastState"] = state.LastState?.DeepClone() ?? new JsonObject(),
        };
        if (state.Id.Length > 0)
            status["containerID"] = "runc://" + state.Id;
        return (JsonNode?)status;
    })];

    public static JsonObject State(ContainerRecord state)
    {
        var detail = new JsonObject();
        switch (state.Phase)
        {
            case ContainerPhase.Running:
                detail["startedAt"] = JsonTree.Timestamp(state.StartedAt);
                return new JsonObject { ["running"] = detail };
            case ContainerPhase.Terminated:
                detail["exitCode"] = state.ExitCode;
                detail["reason"] = state.Reason;
                detail["startedAt"] = JsonTree.Timestamp(state.StartedAt);
                detail["finishedAt"] = JsonTree.Timestamp(state.FinishedAt);
                detail["containerID"] = "runc://" + state.Id;
                if (state.ExitCode > 128)
                    detail["signal"] = state.ExitCode - 128;
                if (state.Message.Length > 0)
                    detail["message"] = state.Message;
                return new JsonObject { ["terminated"] = detail };
            default:
                detail["reason"] = state.Reason;
                if (state.Message.Length > 0)
                    detail["message"] = state.Message;
                return new JsonObject { ["waiting"] = detail };
        }
    }

    /// <summary>Guaranteed when every container's limits equal its requests for both resources, BestEffort when none has any, else Burstable.</summary>
    private static string QualityOfService(PodDefinition pod)
    {
        var resources = pod.AllContainers.Where(container => !container.IsCaptureStep).Select(container => container.Spec.Child("resources")).ToList();
        if (resources.TrueForAll(resource => resource.Child("limits") is null or { Count: 0 } && resource.Child("requests") is null or { Count: 0 }))
            return "BestEffort";
        return resources.TrueForAll(resource => ComputeResources.All(name => resource.Child("limits").Text(name) is { Length: > 0 } limit
            && (resource.Child("requests").Text(name) is "" || resource.Child("requests").Text(name) == limit))) ? "Guaranteed" : "Burstable";
    }
}
