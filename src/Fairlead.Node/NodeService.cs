using System.Diagnostics.CodeAnalysis;
using System.Net;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;
using Fairlead.Node.Dns;
using Fairlead.Node.Endpoint;
using Fairlead.Node.Images;
using Fairlead.Node.Machine;
using Fairlead.Node.Network;
using Fairlead.Node.Pods;
using Fairlead.Node.Runtime;
using Fairlead.Node.World;

namespace Fairlead.Node;

/// <summary>Composes the node: network, names, service rules, world, endpoint, and a worker for each pod bound to it.</summary>
public sealed class NodeService(NodeOptions options, TimeProvider time, Random random, Action<string> report)
{
    private static readonly TimeSpan ApiRetry = TimeSpan.FromMilliseconds(200);

    private readonly NodePaths paths = new(Path.GetFullPath(options.StateDirectory));
    private readonly PodDirectory pods = new();

    public async Task RunAsync(CancellationToken cancel)
    {
        paths.Create();
        var network = new NodeNetwork(paths, options.Isolated, report);
        await network.BringUpAsync(cancel).ConfigureAwait(false);
        var table = new ServiceTable(network.BaseRules(), time, report);
        IReadOnlyList<IPEndPoint> resolvers = options.Isolated ? [] : MachineResolvers();
        var world = options.WorldFile.Length > 0 ? new WorldRunner(paths, WorldDescription.Load(options.WorldFile), time, report) : null;
        var worldServers = Task.CompletedTask;
        if (world is not null)
        {
            worldServers = await world.BringUpAsync(cancel).ConfigureAwait(false);
            resolvers = [new IPEndPoint(WorldPlan.Gateway, 53)];
        }
        using var connection = await ConnectAsync(cancel).ConfigureAwait(false);
        var serving = ServeAsync(connection, table, resolvers, cancel);
        if (world is not null && await Task.WhenAny(serving, worldServers).ConfigureAwait(false) == worldServers)
            await worldServers.ConfigureAwait(false);
        await serving.ConfigureAwait(false);
    }

    private async Task ServeAsync(KubeConnection connection, ServiceTable table, IReadOnlyList<IPEndPoint> resolvers, CancellationToken cancel)
    {
        var runtime = new ContainerRuntime(paths, time);
        var events = new EventRecorder(connection, time, report);
        using var probes = ProbeClient();
        var authorities = options.WorldFile.Length > 0 ? new TrustedAuthorities(new WorldCertificates(paths.World, time).AuthorityPath) : null;
        var services = new PodServices(
            paths, connection, runtime, new ContainerLauncher(runtime, new ContainerEnvironment(connection), () => table.Catalog, authorities),
            new ImageStore(paths.Images, new ImageRecipes(options.ProxyFolder)), new AddressPool(paths.Addresses, NetworkPlan.BlockStart), events, probes, time, report);
        var names = new PodNames(() => table.Catalog, new DnsForwarder(resolvers, time, new Random(random.Next())).AskAsync);
        using var dns = new DnsServer(names.AnswerAsync, time, report);
        var endpoint = new NodeEndpoint(paths, pods, new Sessions(paths, runtime), time);
        var registration = new NodeRegistration(connection, options.Isolated, time, report);
        using var watcher = new ExitWatcher(paths.Exits);
        var follower = new PodFollower(services, pods, table, random, report);
        await registration.RegisterAsync(cancel).ConfigureAwait(false);
        follower.Resume(cancel);
        List<Task> parts =
        [
            table.RunAsync(cancel),
            dns.RunAsync(DnsServer.Bind(new IPEndPoint(NetworkPlan.NodeAddress, 53)), cancel),
            endpoint.RunAsync([new IPEndPoint(NetworkPlan.NodeAddress, NodeIdentity.EndpointPort), new IPEndPoint(IPAddress.Loopback, NodeIdentity.EndpointPort)], cancel),
            events.RunAsync(cancel),
            registration.RunAsync(cancel),
            watcher.RunAsync(follower.NoteExitAsync, cancel),
            follower.RunAsync(cancel),
        ];
        // A part that ends takes the node down: its supervisor starts it anew, and pods outlive it.
        await (await Task.WhenAny(parts).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>The API server may come up after the node.</summary>
    private async Task<KubeConnection> ConnectAsync(CancellationToken cancel)
    {
        var reported = false;
        while (true)
        {
            try
            {
                var connection = new KubeConnection(KubeConfig.Load(options.Kubeconfig), time);
                await connection.ListAsync(KindTable.Namespace, cancel: cancel).ConfigureAwait(false);
                return connection;
            }
            catch (Exception missing) when (missing is KubeConfigException or HttpRequestException or KubeStatusException or IOException)
            {
                if (!reported)
                    report($"node: waiting for the API server: {missing.Message}");
                reported = true;
                await Task.Delay(ApiRetry, time, cancel).ConfigureAwait(false);
            }
        }
    }

    [SuppressMessage("Security", "CA5359", Justification = "an HTTPS probe asks whether the pod answers, not who it is; Kubernetes' kubelet verifies nothing either")]
    private static HttpClient ProbeClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.FromSeconds(1),
        SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    });

    private List<IPEndPoint> MachineResolvers() => File.Exists(options.ResolverFile)
        ? [.. File.ReadLines(options.ResolverFile)
            .Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["nameserver", ..] && words.Length > 1 && IPAddress.TryParse(words[1], out _))
            .Select(words => new IPEndPoint(IPAddress.Parse(words[1]), 53))]
        : [];
}
