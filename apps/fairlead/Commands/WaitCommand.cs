using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.App.CommandLine;
using Fairlead.App.Findings;
using Fairlead.App.Inspection;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.KubeClient;

namespace Fairlead.App.Commands;

/// <summary>
/// <c>fairlead wait --for=distribution KIND/NAME[.NAMESPACE]</c>: returns when every connected sidecar has answered a configuration that holds the object
/// as the API server has it now; exit code 1 when the time is over, with the sidecars that lag.
/// </summary>
internal static class WaitCommand
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private static readonly Argument<string> Target = new("KIND/NAME[.NAMESPACE]") { Description = "The object, for example virtualservice/httpbin-ext.default" };
    private static readonly Option<string> For = new("--for") { Description = "What to wait for: distribution", HelpName = "distribution", DefaultValueFactory = _ => "distribution" };
    private static readonly Option<string> Timeout = new("--timeout") { Description = "How long to wait, for example 30s", HelpName = "DURATION", DefaultValueFactory = _ => "30s" };
    private static readonly Option<string> Namespace = new("--namespace", "-n") { Description = "Namespace of the object", HelpName = "NS" };
    private static readonly Option<string> Kubeconfig = new("--kubeconfig", "-c") { Description = "Kubeconfig of the API server", HelpName = "FILE" };

    public static Command Create()
    {
        For.AcceptOnlyFromAmong("distribution");
        var command = new Command("wait", "Wait until every sidecar has an object of the configuration")
        {
            Target, For, Timeout, Namespace, Kubeconfig, ControlPlanePages.Address, ControlPlanePages.TokenFile,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancel)
    {
        if (!Duration.TryParse(arguments.GetValue(Timeout)!, out var limit))
            throw new CommandException($"'{arguments.GetValue(Timeout)}' is no duration; write for example 30s or 2m");
        var config = KubeConfig.Load(ClusterState.FindKubeconfig(arguments.GetValue(Kubeconfig)));
        var (kind, ns, name) = Parse(arguments.GetValue(Target)!, arguments.GetValue(Namespace) ?? config.Namespace);
        using var connection = new KubeConnection(config, TimeProvider.System);
        var wanted = await connection.FindAsync(kind, ns, name, cancel)
            ?? throw new CommandException($"{kind.QualifiedResource} \"{name}\" not found in namespace {ns}");
        var page = $"config_distribution?kind={kind.Kind}&namespace={Uri.EscapeDataString(ns)}&name={Uri.EscapeDataString(name)}";
        var started = TimeProvider.System.GetTimestamp();
        long? version = null;
        while (true)
        {
            var state = (JsonObject)await ControlPlanePages.ReadAsync(arguments, page, cancel);
            // From the moment on that the control plane knows this generation, every newer configuration holds it.
            if (version is null && (string?)state["uid"] == wanted.Uid && (long)state["generation"]! >= wanted.Generation)
                version = (long)state["viewVersion"]!;
            var proxies = ((JsonArray)state["proxies"]!).OfType<JsonObject>().ToList();
            var lagging = proxies.Where(proxy => version is null || (long)proxy["resourceVersion"]! < version).Select(proxy => (string)proxy["proxy"]!).ToList();
            if (version is not null && lagging.Count == 0)
                return Done(kind, name, ns, proxies);
            if (TimeProvider.System.GetElapsedTime(started) > limit)
                throw new CommandException(Late(kind, name, version, lagging, limit));
            await Task.Delay(PollInterval, TimeProvider.System, cancel);
        }
    }

    private static int Done(KindDescriptor kind, string name, string ns, List<JsonObject> proxies)
    {
        Console.WriteLine($"{kind.QualifiedResource} {name}.{ns} is in effect on {proxies.Count.ToString(CultureInfo.InvariantCulture)} sidecars");
        var refusals = proxies.SelectMany(proxy => ((JsonArray)proxy["rejections"]!).Select(reason => $"{proxy["proxy"]} refused {reason}")).ToList();
        foreach (var refusal in refusals)
            Console.Error.WriteLine($"warning: {refusal}");
        return refusals.Count == 0 ? 0 : 1;
    }

    private static string Late(KindDescriptor kind, string name, long? version, List<string> lagging, TimeSpan limit) => version is null
        ? $"timed out after {limit.TotalSeconds:0.#} s: the control plane has not seen {kind.QualifiedResource} {name} as it is now; see fairlead status"
        : $"timed out after {limit.TotalSeconds:0.#} s: {lagging.Count} sidecars do not have {kind.QualifiedResource} {name} yet: {string.Join(", ", lagging.Take(10))}";

    private static (KindDescriptor Kind, string Namespace, string Name) Parse(string target, string home)
    {
        var slash = target.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == target.Length - 1)
            throw new CommandException($"'{target}' does not name an object; write KIND/NAME, for example virtualservice/httpbin-ext");
        var word = target[..slash].ToLowerInvariant();
        var kind = KindTable.All.FirstOrDefault(kind => kind.Group.EndsWith(".istio.io", StringComparison.Ordinal)
                && (string.Equals(kind.Kind, word, StringComparison.OrdinalIgnoreCase) || kind.Plural == word || kind.ShortNames.Contains(word)))
            ?? throw new CommandException($"'{target[..slash]}' is no kind that is distributed to sidecars");
        var rest = target[(slash + 1)..];
        var dot = rest.LastIndexOf('.');
        return dot > 0 ? (kind, rest[(dot + 1)..], rest[..dot]) : (kind, home, rest);
    }
}
