using System.CommandLine;
using System.Text.Json.Nodes;
using Fairlead.App.CommandLine;
using Fairlead.App.Supervision;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead status</c>: the mesh's processes and pods. Exit code 1 when a part is not ready.</summary>
internal static class StatusCommand
{
    private static readonly Option<OutputFormat> Output = OutputOption.Create();

    public static Command Create()
    {
        var command = new Command("status", "Show the parts and pods of the mesh on this machine") { StateOption.Instance, Output };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancel)
    {
        var state = new StatePaths(Path.GetFullPath(arguments.GetValue(StateOption.Instance)!));
        if (!Directory.Exists(state.Root))
            throw new CommandException($"there is no mesh in {state.Root}; `fairlead up` starts one");
        var parts = new JsonArray();
        var isReady = true;
        var readiness = new MeshReadiness(state, TimeProvider.System);
        foreach (var part in new MeshOptions(state, IsIsolated: false, WorldFile: null, Kubeconfig: null).Parts)
        {
            var mark = ProcessMark.ReadLive(state.Pid(part.Name));
            var partIsReady = mark is not null && await readiness.IsReadyAsync(part.Name, cancel);
            isReady &= partIsReady;
            parts.Add(new JsonObject
            {
                ["name"] = part.Name,
                ["pid"] = mark?.Pid,
                ["status"] = mark is null ? "Stopped" : partIsReady ? "Ready" : "NotReady",
                ["log"] = state.Log(part.Name),
            });
        }
        var pods = isReady ? await PodsAsync(state, cancel) : [];
        Print(arguments.GetValue(Output), parts, pods, isReady ? await readiness.WarningsAsync(cancel) : []);
        return isReady ? 0 : 1;
    }

    private static async Task<JsonArray> PodsAsync(StatePaths state, CancellationToken cancel)
    {
        using var connection = new KubeConnection(KubeConfig.Load(state.AdminKubeconfig), TimeProvider.System);
        var pods = new JsonArray();
        foreach (var pod in (await connection.ListAsync(KindTable.Pod, cancel: cancel)).Items)
        {
            var statuses = (pod.Status?["containerStatuses"] as JsonArray ?? []).OfType<JsonObject>().ToList();
            pods.Add(new JsonObject
            {
                ["namespace"] = pod.Namespace,
                ["name"] = pod.Name,
                ["phase"] = (string?)pod.Status?["phase"] ?? "Unknown",
                ["ready"] = statuses.Count(one => (bool?)one["ready"] == true),
                ["containers"] = statuses.Count,
                ["ip"] = (string?)pod.Status?["podIP"] ?? "",
            });
        }
        return pods;
    }

    private static void Print(OutputFormat format, JsonArray parts, JsonArray pods, IReadOnlyList<string> warnings)
    {
        // REDIRECT captures TCP alone (the same holds for Istio): said here, where someone looks for a missing request.
        const string Capture = "TCP; UDP (QUIC among it) and ICMP pass by the sidecars";
        if (format != OutputFormat.Table)
        {
            StructuredOutput.Write(Console.Out, new JsonObject { ["parts"] = parts, ["pods"] = pods, ["captured"] = Capture, ["warnings"] = new JsonArray([.. warnings.Select(text => JsonValue.Create(text))]) }, format);
            return;
        }
        var table = new TextTable("PART", "STATUS", "PID", "LOG");
        foreach (var part in parts.OfType<JsonObject>())
            table.Add((string)part["name"]!, (string)part["status"]!, part["pid"]?.ToString() ?? "-", (string)part["log"]!);
        table.Write(Console.Out);
        Console.WriteLine();
        var rows = new TextTable("NAMESPACE", "POD", "READY", "PHASE", "IP");
        foreach (var pod in pods.OfType<JsonObject>())
            rows.Add((string)pod["namespace"]!, (string)pod["name"]!, $"{pod["ready"]}/{pod["containers"]}", (string)pod["phase"]!, (string)pod["ip"]!);
        rows.Write(Console.Out);
        Console.WriteLine($"\nCaptured: {Capture}.");
        foreach (var warning in warnings)
            Console.WriteLine($"Warning: {warning}");
    }
}
