using System.Text.Json.Nodes;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Pods;

internal enum ContainerPhase
{
    Waiting,
    Running,
    Terminated,
}

/// <summary>What the node remembers of one container, on disk after each change: it is how a restarted node finds its containers again.</summary>
internal sealed class ContainerRecord
{
    public required string Name { get; init; }
    public ContainerPhase Phase { get; set; }

    /// <summary>Why it waits or ended, in Kubernetes' words (ContainerCreating, CrashLoopBackOff, Completed, Error …).</summary>
    public string Reason { get; set; } = "PodInitializing";

    public string Message { get; set; } = "";
    public string Id { get; set; } = "";
    public string ImageId { get; set; } = "";
    public int Pid { get; set; }
    public int RestartCount { get; set; }
    public int ExitCode { get; set; }
    public DateTimeOffset StartedAt { get; set; }
    public DateTimeOffset FinishedAt { get; set; }

    /// <summary>The state before the present one, as the status shows it (<c>lastState</c>).</summary>
    public JsonObject? LastState { get; set; }

    public string LastId { get; set; } = "";

    /// <summary>Startup probe passed (or there is none) and the post-start hook is through.</summary>
    public bool IsStarted { get; set; }

    public bool IsReady { get; set; }

    /// <summary>Back-off: not started again before this moment.</summary>
    public DateTimeOffset RestartAfter { get; set; }

    public bool HasRun => Id.Length > 0;

    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["phase"] = Phase.ToString(),
        ["reason"] = Reason,
        ["message"] = Message,
        ["id"] = Id,
        ["imageId"] = ImageId,
        ["pid"] = Pid,
        ["restartCount"] = RestartCount,
        ["exitCode"] = ExitCode,
        ["startedAt"] = StartedAt.ToUnixTimeMilliseconds(),
        ["finishedAt"] = FinishedAt.ToUnixTimeMilliseconds(),
        ["restartAfter"] = RestartAfter.ToUnixTimeMilliseconds(),
        ["lastState"] = LastState?.DeepClone(),
        ["lastId"] = LastId,
        ["isStarted"] = IsStarted,
        ["isReady"] = IsReady,
    };

    public static ContainerRecord Read(JsonObject saved) => new()
    {
        Name = saved.Text("name"),
        Phase = Enum.TryParse<ContainerPhase>(saved.Text("phase"), out var phase) ? phase : ContainerPhase.Waiting,
        Reason = saved.Text("reason"),
        Message = saved.Text("message"),
        Id = saved.Text("id"),
        ImageId = saved.Text("imageId"),
        Pid = saved.Number("pid") ?? 0,
        RestartCount = saved.Number("restartCount") ?? 0,
        ExitCode = saved.Number("exitCode") ?? 0,
        StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(saved.Long("startedAt") ?? 0),
        FinishedAt = DateTimeOffset.FromUnixTimeMilliseconds(saved.Long("finishedAt") ?? 0),
        RestartAfter = DateTimeOffset.FromUnixTimeMilliseconds(saved.Long("restartAfter") ?? 0),
        LastState = saved.Child("lastState")?.DeepClone() as JsonObject,
        LastId = saved.Text("lastId"),
        IsStarted = saved.Flag("isStarted"),
        IsReady = saved.Flag("isReady"),
    };
}
