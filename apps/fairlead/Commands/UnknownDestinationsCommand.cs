using System.CommandLine;
using System.Text.Json.Nodes;
using Fairlead.App.CommandLine;
using Fairlead.App.Inspection;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead unknown-destinations</c>: where workloads' traffic goes that no service and no entry of the mesh claims.</summary>
internal static class UnknownDestinationsCommand
{
    private static readonly Option<OutputFormat> Output = OutputOption.Create();
    private static readonly Option<string> Namespace = new("--namespace", "-n") { Description = "Only workloads of this namespace", HelpName = "NS" };

    public static Command Create()
    {
        var command = new Command("unknown-destinations", "List where traffic goes that no service or entry claims")
        {
            Namespace, Output, ControlPlanePages.Address, ControlPlanePages.TokenFile,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult arguments, CancellationToken cancel)
    {
        var seen = ((JsonArray)await ControlPlanePages.ReadAsync(arguments, "unknown_destinations", cancel)).OfType<JsonObject>()
            .Where(one => arguments.GetValue(Namespace) is not { Length: > 0 } ns || ((string?)one["workload"])?.StartsWith(ns + "/", StringComparison.Ordinal) == true)
            .ToList();
        var format = arguments.GetValue(Output);
        if (format != OutputFormat.Table)
        {
            StructuredOutput.Write(Console.Out, new JsonArray([.. seen.Select(one => one.DeepClone())]), format);
            return;
        }
        if (seen.Count == 0)
        {
            Console.WriteLine("No sidecar has seen a destination that the mesh does not know.");
            return;
        }
        var table = new TextTable("WORKLOAD", "HOST", "ADDRESS", "PROTOCOL", "COUNT", "OUTCOME", "LAST SEEN");
        foreach (var one in seen)
        {
            table.Add(
                (string)one["workload"]!, (string)one["host"]! is { Length: > 0 } host ? host : "-", (string)one["address"]!, (string)one["protocol"]!, one["count"]!.ToString(),
                (bool)one["blocked"]! ? "BlackHoleCluster" : "PassthroughCluster", (string)one["lastSeen"]!);
        }
        table.Write(Console.Out);
    }
}
