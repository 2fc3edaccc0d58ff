using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.App.CommandLine;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;
using Fairlead.Node;

namespace Fairlead.App.Supervision;

/// <summary>Waits for a mesh that is starting: API server, node, control plane, in this order, and says which of them is missing.</summary>
internal sealed class MeshReadiness(StatePaths state, TimeProvider time)
{
    /// <summary>A first start unpacks nothing and needs some seconds; more means that a part cannot start.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Calls <paramref name="progress"/> with each part that became ready; throws with the missing part's log when time is over.</summary>
    public async Task WaitAsync(Action<string> progress, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        await WaitForAsync("api-server", started, async () => File.Exists(state.AdminKubeconfig) && await IsServingAsync(cancel), progress, cancel);
        await WaitForAsync("node", started, () => IsNodeReadyAsync(cancel), progress, cancel);
        await WaitForAsync("control-plane", started, () => IsInjecting(cancel), progress, cancel);
    }

    /// <summary>Whether the part answers now; false too when what it stands on does not.</summary>
    public async Task<bool> IsReadyAsync(string part, CancellationToken cancel) => File.Exists(state.AdminKubeconfig) && part switch
    {
        "api-server" => await IsServingAsync(cancel),
        "node" => await IsNodeReadyAsync(cancel),
        _ => await IsInjecting(cancel),
    };

    /// <summary>What the node says is wrong around it (a firewall that drops the pods' packets), in words with a remedy.</summary>
    public async Task<IReadOnlyList<string>> WarningsAsync(CancellationToken cancel)
    {
        using var connection = new KubeConnection(KubeConfig.Load(state.AdminKubeconfig), time);
        var nodes = await connection.ListAsync(KindTable.Node, cancel: cancel);
        return [.. nodes.Items.SelectMany(node => (node.Status?["conditions"] as JsonArray ?? []).OfType<JsonObject>())
            .Where(condition => (string?)condition["type"] == "NetworkUnavailable" && (string?)condition["status"] == "True")
            .Select(condition => (string)condition["message"]!)];
    }

    private async Task WaitForAsync(string part, long started, Func<Task<bool>> isReady, Action<string> progress, CancellationToken cancel)
    {
        while (!await isReady())
        {
            if (time.GetElapsedTime(started) > Limit)
                throw new CommandException($"{part} is not ready after {Limit.TotalSeconds:0} s; the end of its log ({state.Log(part)}):\n{TailOf(state.Log(part))}");
            await Task.Delay(Interval, time, cancel);
        }
        progress($"{part} is ready ({time.GetElapsedTime(started).TotalSeconds:0.0} s)");
    }

    private Task<bool> IsServingAsync(CancellationToken cancel) => AskAsync(async connection =>
    {
        await connection.ListAsync(KindTable.Namespace, cancel: cancel);
        return true;
    });

    /// <summary>The node serves when it is registered and its endpoint takes connections: a node that was killed is still registered.</summary>
    private Task<bool> IsNodeReadyAsync(CancellationToken cancel) => AskAsync(async connection =>
    {
        var nodes = await connection.ListAsync(KindTable.Node, cancel: cancel);
        if (!nodes.Items.Any(IsReady))
            return false;
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, NodeIdentity.EndpointPort, cancel);
        return true;
    });

    private static bool IsReady(KubeObject node) => node.Status?["conditions"] is JsonArray conditions
        && conditions.OfType<JsonObject>().Any(one => (string?)one["type"] == "Ready" && (string?)one["status"] == "True");

    /// <summary>The control plane serves when its injection webhook is registered and its port takes connections.</summary>
    private Task<bool> IsInjecting(CancellationToken cancel) => AskAsync(async connection =>
    {
        var injector = await connection.FindAsync(KindTable.MutatingWebhookConfiguration, null, "istio-sidecar-injector", cancel);
        if (injector is null)
            return false;
        using var socket = new TcpClient();
        await socket.ConnectAsync("10.244.0.1", 15017, cancel);
        return true;
    });

    private async Task<bool> AskAsync(Func<KubeConnection, Task<bool>> question)
    {
        try
        {
            using var connection = new KubeConnection(KubeConfig.Load(state.AdminKubeconfig), time);
            return await question(connection);
        }
        catch (Exception notYet) when (notYet is HttpRequestException or SocketException or KubeStatusException or IOException or KubeConfigException or JsonException)
        {
            // Not there yet, or half there; the caller's time limit decides when that is an error.
            return false;
        }
    }

    private static string TailOf(string log) => File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(15)) : "(there is none)";
}
