using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Tables;

/// <summary>Pods: ready containers, the status word, restarts (kubernetes, printers/internalversion, printPod).</summary>
internal static class PodColumns
{
    public static IReadOnlyList<TableColumn> All { get; } =
    [
        KindColumns.Name,
        new("Ready", "string", (pod, _) => Ready(pod)) { Description = "Containers that are ready of those that there are." },
        new("Status", "string", (pod, _) => Status(pod)) { Description = "The phase, or what keeps the pod from it." },
        new("Restarts", "string", (pod, now) => Restarts(pod, now)) { Description = "How often its containers were restarted." },
        KindColumns.Age,
        new("IP", "string", (pod, _) => Cells.OrNone(pod.Root.TextAt("status.podIP"))) { Priority = 1 },
        new("Node", "string", (pod, _) => Cells.OrNone(pod.Root.TextAt("spec.nodeName"))) { Priority = 1 },
        new("Nominated Node", "string", (pod, _) => Cells.OrNone(pod.Root.TextAt("status.nominatedNodeName"))) { Priority = 1 },
        new("Readiness Gates", "string", (pod, _) => Gates(pod)) { Priority = 1 },
    ];

    private static JsonObject[] Sidecars(KubeObject pod) =>
        [.. pod.Root.ObjectsAt("spec.initContainers").Where(container => container.TextAt("restartPolicy") == "Always")];

    private static string Ready(KubeObject pod)
    {
        var sidecars = Sidecars(pod).Select(container => container.TextAt("name")).ToHashSet();
        var total = pod.Root.ObjectsAt("spec.containers").Count() + sidecars.Count;
        var ready = pod.Root.ObjectsAt("status.containerStatuses").Count(status => status.FlagAt("ready"))
            + pod.Root.ObjectsAt("status.initContainerStatuses").Count(status => sidecars.Contains(status.TextAt("name")) && status.FlagAt("ready"));
        return string.Create(CultureInfo.InvariantCulture, $"{ready}/{total}");
    }

    private static string Status(KubeObject pod)
    {
        var reason = pod.Root.TextAt("status.reason") is { Length: > 0 } own ? own : pod.Root.TextAt("status.phase");
        var sidecars = Sidecars(pod).Select(container => container.TextAt("name")).ToHashSet();
        var initializing = InitReason(pod, sidecars, ref reason);
        if (!initializing)
        {
            var running = false;
            foreach (var status in pod.Root.ObjectsAt("status.containerStatuses").Reverse())
            {
                if (status.TextAt("state.waiting.reason") is { Length: > 0 } waiting)
                    reason = waiting;
                else if (status.At("state.terminated") is { } terminated)
                    reason = Terminated(terminated);
                else if (status.FlagAt("ready") && status.At("state.running") is not null)
                    running = true;
            }
            // Another container still runs: the pod is not over because one is.
            if (reason == "Completed" && running)
                reason = IsReady(pod) ? "Running" : "NotReady";
        }
        if (pod.IsBeingDeleted)
            return pod.Root.TextAt("status.reason") == "NodeLost" ? "Unknown" : "Terminating";
        return reason;
    }

    private static bool InitReason(KubeObject pod, HashSet<string> sidecars, ref string reason)
    {
        var total = pod.Root.ObjectsAt("spec.initContainers").Count();
        var index = -1;
        foreach (var status in pod.Root.ObjectsAt("status.initContainerStatuses"))
        {
            index++;
            if (status.At("state.terminated") is { } terminated && terminated.NumberAt("exitCode") == 0)
                continue;
            if (sidecars.Contains(status.TextAt("name")) && status.FlagAt("started"))
                continue;
            reason = "Init:" + (status.At("state.terminated") is { } failed ? Terminated(failed)
                : status.TextAt("state.waiting.reason") is { Length: > 0 } waiting && waiting != "PodInitializing" ? waiting
                : string.Create(CultureInfo.InvariantCulture, $"{index}/{total}"));
            return true;
        }
        return false;
    }

    private static string Terminated(JsonNode state)
    {
        if (state.TextAt("reason") is { Length: > 0 } reason)
            return reason;
        return state.NumberAt("signal") is > 0 and var signal ? $"Signal:{signal}" : $"ExitCode:{state.NumberAt("exitCode") ?? 0}";
    }

    private static bool IsReady(KubeObject pod) =>
        pod.Root.ObjectsAt("status.conditions").Any(condition => condition.TextAt("type") == "Ready" && condition.TextAt("status") == "True");

    private static string Restarts(KubeObject pod, DateTimeOffset now)
    {
        long count = 0;
        var last = "";
        foreach (var status in pod.Root.ObjectsAt("status.containerStatuses").Concat(pod.Root.ObjectsAt("status.initContainerStatuses")))
        {
            count += status.NumberAt("restartCount") ?? 0;
            if (status.TextAt("lastState.terminated.finishedAt") is { Length: > 0 } finished && string.CompareOrdinal(finished, last) > 0)
                last = finished;
        }
        var text = count.ToString(CultureInfo.InvariantCulture);
        return count > 0 && last.Length > 0 ? $"{text} ({Cells.Age(last, now)} ago)" : text;
    }

    private static string Gates(KubeObject pod)
    {
        var gates = pod.Root.ObjectsAt("spec.readinessGates").Select(gate => gate.TextAt("conditionType")).ToArray();
        if (gates.Length == 0)
            return "<none>";
        var met = pod.Root.ObjectsAt("status.conditions").Count(condition => gates.Contains(condition.TextAt("type")) && condition.TextAt("status") == "True");
        return string.Create(CultureInfo.InvariantCulture, $"{met}/{gates.Length}");
    }
}
