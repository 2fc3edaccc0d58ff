using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Fairlead.ApiServer.Admission;
using Fairlead.ApiServer.Authn;
using Fairlead.ApiServer.Bootstrap;
using Fairlead.ApiServer.Controllers;
using Fairlead.ApiServer.Discovery;
using Fairlead.ApiServer.Patch;
using Fairlead.ApiServer.Pki;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Streams;
using Fairlead.ApiServer.Streams.Spdy;
using Fairlead.ApiServer.Tables;
using Fairlead.ApiServer.Watch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fairlead.ApiServer;

/// <summary>The embedded API server: everything it is made of, in the order it is made.</summary>
public sealed class ApiServerProcess : IAsyncDisposable
{
    /// <summary>Connections at once: 1,000 watchers and as many pods fit many times.</summary>
    private const int ConnectionLimit = 10_000;

    /// <summary>A client must send its request's headers in this time (slow-loris).</summary>
    private static readonly TimeSpan HeaderTime = TimeSpan.FromSeconds(10);

    private readonly WebApplication app;
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> loops = [];
    private readonly List<object> parts = [];

    private ApiServerProcess(WebApplication app) => this.app = app;

    /// <summary>Where kubectl connects.</summary>
    public Uri Address { get; private set; } = new("https://127.0.0.1");

    /// <summary>Starts serving; returns once requests are answered and the first objects are stored.</summary>
    public static async Task<ApiServerProcess> StartAsync(ServerOptions options, TimeProvider time, Random random, Action<ILoggingBuilder> logging, CancellationToken cancellation)
    {
        PrivateFiles.EnsureDirectory(options.StateDirectory);
        var pki = ClusterPki.Open(options, time);
        // Others wait for these files: they stand before the port opens, unless the port is still to be found.
        if (options.Listen.Port != 0)
            pki.WriteKubeconfigs(new Uri($"https://{options.Listen}"));
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = options.StateDirectory });
        builder.Logging.ClearProviders();
        logging(builder.Logging);
        Configure(builder, options, pki);
        var app = builder.Build();
        var server = new ApiServerProcess(app);
        var logs = app.Services.GetRequiredService<ILoggerFactory>();
        var store = ObjectStore.Open(options.DatabasePath, logs.CreateLogger<ObjectStore>());
        var audit = new AuditLog(options.AuditPath, time);
        var health = new HealthEndpoints();
        var composition = Compose(server, options, pki, store, audit, health, time, random, logs);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15) });
        app.Run(composition.Handler.HandleAsync);
        server.parts.AddRange([store, audit, pki]);
        await composition.First.StoreAsync(cancellation);
        await app.StartAsync(cancellation);
        server.Address = ListeningAddress(app, options);
        if (options.Listen.Port == 0)
            pki.WriteKubeconfigs(server.Address);
        foreach (var controller in composition.Controllers)
            server.loops.Add(new ControllerLoop(controller, store, time, logs.CreateLogger("Fairlead.ApiServer.Controllers." + controller.GetType().Name)).RunAsync(server.stopping.Token));
        health.MarkReady();
        return server;
    }

    public Task WaitForShutdownAsync(CancellationToken cancellation) => ((IHost)app).WaitForShutdownAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), TimeProvider.System))
            await app.StopAsync(patience.Token);
        await app.DisposeAsync();
        foreach (var part in parts)
        {
            if (part is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else if (part is IDisposable disposable)
                disposable.Dispose();
        }
        stopping.Dispose();
    }

    private static (ApiHandler Handler, FirstObjects First, IReadOnlyList<IController> Controllers) Compose(
        ApiServerProcess server, ServerOptions options, ClusterPki pki, ObjectStore store, AuditLog audit, HealthEndpoints health,
        TimeProvider time, Random random, ILoggerFactory logs)
    {
        var tokens = new AccountTokens(pki.AccountKey, store, time);
        var names = new MetadataRules(time, random);
        var webhookClient = new WebhookClient(store, time);
        var nodes = new NodeClient(pki);
        server.parts.AddRange([webhookClient, nodes]);
        var admission = new AdmissionChain(
            new WebhookDispatcher(store, webhookClient, logs.CreateLogger<WebhookDispatcher>()),
            new ServiceAddresses(store), new ServiceAccountAdmission(store, names));
        var removal = new ResourceRemoval(store, admission, time);
        var writer = new ResourceWriter(store, admission, names, new FieldOwnership(time), removal);
        var tables = new TableRenderer(time);
        var resources = new ResourceEndpoints(
            store, new ResourceReader(store, time), writer, removal, new WatchEndpoint(store, tables, time),
            new SubresourceEndpoints(store, writer, tokens, new StreamEndpoints(store, nodes, new SpdyUpgrade(nodes, logs.CreateLogger<SpdyUpgrade>())), audit, time), tables, audit, time);
        var handler = new ApiHandler(
            new Authenticator(pki.Authority, tokens), new DiscoveryDocuments(), new OpenApiDocuments(), health,
            new ReviewEndpoints(tokens), resources, new RequestLimits(), logs.CreateLogger<ApiHandler>());
        var events = new EventRecorder(store, writer, time);
        IController[] controllers =
        [
            new NamespaceController(store, writer, removal, pki.Authority.CertificatePem),
            new DeploymentController(store, writer, removal, events, time),
            new ReplicaSetController(store, writer, removal, events, time),
            new Scheduler(store, events, time),
            new EndpointController(store, writer, removal),
            new GarbageCollector(store, writer, removal),
            new EventExpiry(store, removal, time),
        ];
        return (handler, new FirstObjects(store, writer, options), controllers);
    }

    private static void Configure(WebApplicationBuilder builder, ServerOptions options, ClusterPki pki)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // BodyReader has the limit: it answers and lets the rest of the body drain, where Kestrel resets the connection, so that the client may never see why.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.RequestHeadersTimeout = HeaderTime;
            kestrel.Limits.MaxConcurrentConnections = ConnectionLimit;
            kestrel.Limits.MaxConcurrentUpgradedConnections = ConnectionLimit;
            // Watches are slow by nature; a watcher that does not read is cut by its queue.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(options.Listen, listen => UseTls(listen, pki));
            if (options.PodListen is not null)
                kestrel.Listen(options.PodListen, listen => UseTls(listen, pki));
        });
        builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket = CreateSocket);
    }

    private static void UseTls(ListenOptions listen, ClusterPki pki)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseHttps(https =>
        {
            https.ServerCertificate = pki.Serving;
            https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
            // Any certificate may be shown; whether it counts is the authenticator's business, which answers 401.
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.AllowAnyClientCertificate();
        });
    }

    /// <summary>The bridge's address may come up after this process: Linux binds it all the same (IP_FREEBIND, ip(7)).</summary>
    private static Socket CreateSocket(EndPoint endpoint)
    {
        const int IpLevel = 0;
        const int FreeBind = 15;
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (endpoint.AddressFamily == AddressFamily.InterNetwork)
            socket.SetRawSocketOption(IpLevel, FreeBind, BitConverter.GetBytes(1));
        socket.Bind(endpoint);
        return socket;
    }

    private static Uri ListeningAddress(WebApplication app, ServerOptions options)
    {
        if (options.Listen.Port != 0)
            return new Uri($"https://{options.Listen}");
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new Uri(addresses.First());
    }
}
