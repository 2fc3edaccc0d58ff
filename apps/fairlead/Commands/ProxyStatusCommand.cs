using System.CommandLine;
using System.Text.Json.Nodes;
using Fairlead.App.CommandLine;
using Fairlead.App.Inspection;

namespace Fairlead.App.Commands;

/// <summary>
/// <c>fairlead proxy-status</c>: which sidecars are connected and whether each has what it should have. Columns are those of istioctl 1.22;
/// a proxy that refused something is named below with its reason, and the exit code is 1.
/// </summary>
internal static class ProxyStatusCommand
{
    private static readonly Option<OutputFormat> Output = OutputOption.Create();
    private static readonly Argument<string> Proxy = new("POD[.NAMESPACE]") { Arity = ArgumentArity.ZeroOrOne, Description = "Only this pod's sidecar" };
    private static readonly string[] Types = ["CDS", "LDS", "EDS", "RDS", "ECDS"];

    public static Command Create()
    {
        var command = new Command("proxy-status", "Show which sidecars are connected and whether they have the newest configuration")
        {
            Proxy, Output, ControlPlanePages.Address, ControlPlanePages.TokenFile,
        };
        command.Aliases.Add("ps");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancel)
    {
        var proxies = ((JsonArray)await ControlPlanePages.ReadAsync(arguments, "syncz", cancel)).OfType<JsonObject>().ToList();
        if (arguments.GetValue(Proxy) is { Length: > 0 } name)
        {
            proxies = [.. proxies.Where(proxy => proxy.Value("proxy") == name || proxy.Value("proxy") == name + ".default")];
            if (proxies.Count == 0)
                throw new CommandException($"no sidecar of '{name}' is connected; fairlead proxy-status lists those that are");
        }
        var format = arguments.GetValue(Output);
        if (format != OutputFormat.Table)
            StructuredOutput.Write(Console.Out, new JsonArray([.. proxies.Select(proxy => proxy.DeepClone())]), format);
        else
            Print(proxies);
        return proxies.SelectMany(TypesOf).Any(type => type.Value("state") == "ERROR") ? 1 : 0;
    }

    private static void Print(List<JsonObject> proxies)
    {
        var table = new TextTable(["NAME", "CLUSTER", .. Types, "ISTIOD", "VERSION"]);
        foreach (var proxy in proxies)
        {
            var states = TypesOf(proxy).ToDictionary(type => type.Value("type"), type => type.Value("state"));
            table.Add(
                [proxy.Value("proxy"), proxy.Value("cluster"), .. Types.Select(type => states.GetValueOrDefault(type, "NOT SENT")), "istiod", proxy.Value("version")]);
        }
        table.Write(Console.Out);
        foreach (var proxy in proxies)
        {
            foreach (var type in TypesOf(proxy).Where(type => type.Value("reason").Length > 0))
                Console.WriteLine($"\n{proxy.Value("proxy")} refused {type.Value("type")}: {type.Value("reason")}");
        }
    }

    private static IEnumerable<JsonObject> TypesOf(JsonObject proxy) => (proxy["types"] as JsonArray ?? []).OfType<JsonObject>();

    private static string Value(this JsonObject node, string field) => (string?)node[field] ?? "";
}
