using System.Globalization;
using System.Net;
using Fairlead.Node.Dns;
using Fairlead.Node.Machine;
using Fairlead.Node.Network;

namespace Fairlead.Node.World;

/// <summary>
/// The namespace that plays the internet: attached to the node's bridge alone, it holds the hosts of a world file with real servers. Its web servers
/// outlive the node process and are found again by their pid files; its name server and echo servers live in the node process.
/// </summary>
internal sealed class WorldRunner(NodePaths paths, WorldDescription world, TimeProvider time, Action<string> report)
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private static string NamespacePath => $"{NetworkPlan.NamespaceFolder}/{WorldPlan.NamespaceName}";

    /// <summary>Answers the task of the servers that live in this process, once everything listens.</summary>
    public async Task<Task> BringUpAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(paths.World);
        Directory.CreateDirectory(Path.Combine(paths.World, "tmp"));
        await ConnectAsync(cancel).ConfigureAwait(false);
        await StartWebAsync(cancel).ConfigureAwait(false);
        await StartHttpbinAsync(cancel).ConfigureAwait(false);
        var servers = new List<Task>();
        var names = new WorldNames(world);
        var sockets = await Syscalls.InNetworkNamespaceAsync(NamespacePath, () => DnsServer.Bind(new IPEndPoint(WorldPlan.Gateway, 53))).ConfigureAwait(false);
        servers.Add(new DnsServer(names.AnswerAsync, time, report).RunAsync(sockets, cancel));
        foreach (var host in world.Hosts.Where(host => host.Server is "tcp-echo" or "websocket-echo"))
        {
            foreach (var address in host.Addresses)
            {
                var listener = await Syscalls.InNetworkNamespaceAsync(NamespacePath, () => EchoServers.Listen(new IPEndPoint(IPAddress.Parse(address), host.Port))).ConfigureAwait(false);
                servers.Add(EchoServers.RunAsync(listener, host.Server == "websocket-echo", cancel));
            }
        }
        report($"world: {world.Hosts.Sum(host => host.Names.Count)} names of {world.Path}");
        return Task.WhenAll(servers);
    }

    /// <summary>Ends the web servers and removes the namespace; nothing there is no fault.</summary>
    public static async Task TakeDownAsync(NodePaths paths, TimeProvider time, CancellationToken cancel)
    {
        foreach (var file in Directory.Exists(paths.World) ? Directory.EnumerateFiles(paths.World, "*.pid") : [])
        {
            await EndAsync(file, paths.World, time, cancel).ConfigureAwait(false);
        }
        await Tool.TryRunAsync("ip", ["link", "delete", WorldPlan.LinkName], cancel: cancel).ConfigureAwait(false);
        if (File.Exists(NamespacePath))
            await Tool.TryRunAsync("ip", ["netns", "delete", WorldPlan.NamespaceName], cancel: cancel).ConfigureAwait(false);
    }

    private async Task ConnectAsync(CancellationToken cancel)
    {
        if (!File.Exists(NamespacePath))
        {
            await Tool.TryRunAsync("ip", ["link", "delete", WorldPlan.LinkName], cancel: cancel).ConfigureAwait(false);
            await Tool.RunAsync("ip", ["netns", "add", WorldPlan.NamespaceName], cancel: cancel).ConfigureAwait(false);
            await Tool.RunAsync("ip", ["link", "add", WorldPlan.LinkName, "type", "veth", "peer", "name", "eth0", "netns", WorldPlan.NamespaceName], cancel: cancel).ConfigureAwait(false);
        }
        await Tool.RunAsync("ip", ["-batch", "-"], $"link set {WorldPlan.LinkName} master {NetworkPlan.Bridge}\nlink set {WorldPlan.LinkName} up\n", cancel).ConfigureAwait(false);
        var inside = $"link set lo up\naddr replace {WorldPlan.Gateway}/32 dev eth0\nlink set eth0 up\nroute replace {NetworkPlan.NodeAddress} dev eth0 scope link\nroute replace default via {NetworkPlan.NodeAddress}\n"
            + string.Concat(world.Addresses.Select(address => $"addr replace {address}/32 dev lo\n"));
        await Tool.RunAsync("ip", ["-n", WorldPlan.NamespaceName, "-batch", "-"], inside, cancel).ConfigureAwait(false);
        var routes = string.Concat(world.Addresses.Select(address => $"route replace {address}/32 via {WorldPlan.Gateway} dev {NetworkPlan.Bridge}\n"));
        await Tool.RunAsync("ip", ["-batch", "-"], routes, cancel).ConfigureAwait(false);
    }

    private async Task StartWebAsync(CancellationToken cancel)
    {
        var web = new WorldWebServer(world, new WorldCertificates(paths.World, time), paths.World);
        var before = File.Exists(web.ConfigurationPath) ? await File.ReadAllTextAsync(web.ConfigurationPath, cancel).ConfigureAwait(false) : "";
        var isSame = web.Write() == before;
        var running = RunningPid(web.PidPath, paths.World);
        if (running is { } pid && !isSame)
            await Tool.TryRunAsync("kill", ["-HUP", pid.ToString(CultureInfo.InvariantCulture)], cancel: cancel).ConfigureAwait(false);
        if (running is null)
            await RunDetachedAsync(["nginx", "-c", web.ConfigurationPath], "nginx", cancel).ConfigureAwait(false);
    }

    private async Task StartHttpbinAsync(CancellationToken cancel)
    {
        var addresses = world.Hosts.Where(host => host.Server == "httpbin").SelectMany(host => host.Addresses.Select(address => $"{address}:{host.Port}")).Distinct().ToList();
        var pidFile = Path.Combine(paths.World, "gunicorn.pid");
        if (addresses.Count == 0 || RunningPid(pidFile, paths.World) is not null)
            return;
        // gthread: /delay/N holds a thread, not the server.
        List<string> command = ["gunicorn", "--daemon", "--pid", pidFile, "--workers", "2", "--threads", "32", "--keep-alive", "65", "--error-logfile", Path.Combine(paths.World, "gunicorn.log")];
        foreach (var address in addresses)
            command.AddRange(["--bind", address]);
        // The public service prints its answers indented; Flask does so only when told.
        await File.WriteAllTextAsync(Path.Combine(paths.World, "indented_httpbin.py"), "from httpbin import app\n\napp.json.compact = False\n", cancel).ConfigureAwait(false);
        await RunDetachedAsync([.. command, "--chdir", paths.World, "indented_httpbin:app"], "gunicorn", cancel).ConfigureAwait(false);
    }

    /// <summary>The program goes into the background by itself; until then its words are kept for the error.</summary>
    private async Task RunDetachedAsync(IReadOnlyList<string> command, string name, CancellationToken cancel)
    {
        var log = Path.Combine(paths.World, name + ".start.log");
        var (code, _, _) = await Tool.TryRunAsync(
            "sh", ["-c", "l=$1; shift; exec \"$@\" </dev/null >\"$l\" 2>&1", "sh", log, "nsenter", $"--net={NamespacePath}", "setsid", .. command], cancel: cancel).ConfigureAwait(false);
        if (code != 0)
            throw new WorldException($"{name} did not start (exit code {code}): {(await File.ReadAllTextAsync(log, cancel).ConfigureAwait(false)).Trim()}");
    }

    /// <summary>Asks a server to end, and ends it when it takes longer than <see cref="EndLimit"/>.</summary>
    private static async Task EndAsync(string pidFile, string folder, TimeProvider time, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        foreach (var signal in new[] { "-TERM", "-KILL" })
        {
            if (RunningPid(pidFile, folder) is not { } pid)
                return;
            await Tool.TryRunAsync("kill", [signal, pid.ToString(CultureInfo.InvariantCulture)], cancel: cancel).ConfigureAwait(false);
            while (RunningPid(pidFile, folder) is not null && time.GetElapsedTime(started) < EndLimit)
                await Task.Delay(PollInterval, time, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>The pid of a server that we started and that still runs, told from others by our folder in its command line.</summary>
    private static int? RunningPid(string file, string folder)
    {
        if (!File.Exists(file) || !int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || !File.Exists($"/proc/{pid}/cmdline"))
            return null;
        return File.ReadAllText($"/proc/{pid}/cmdline").Contains(folder, StringComparison.Ordinal) ? pid : null;
    }
}
