using Fairlead.Proxy.Bootstrap;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Admin;

/// <summary>
/// The pages of the admin port (Envoy's operations/admin document). Whatever changes something needs POST: a GET of it is
/// refused with 400, so that a link or an image cannot stop a proxy.
/// </summary>
internal sealed class AdminPages(
    ProxySettings settings, ProcessLog log, ServerState state, LiveConfiguration live, UnsupportedFieldLog unsupported, MainLoop main,
    StatRegistry stats, StatPages statPages,
    Sidecar sidecar, Func<Task<List<UnknownDestinationTable.Entry>>> unknown, Action quit)
{
    private static readonly string[] Mutations =
        ["/drain_listeners", "/healthcheck/fail", "/healthcheck/ok", "/logging", "/quitquitquit", "/reopen_logs", "/reset_counters"];

    private static readonly string[] Pages =
    [
        "/", "/certs", "/clusters", "/config_dump", "/help", "/listeners", "/memory", "/ready", "/server_info", "/stats", "/stats/prometheus",
        "/unknown_destinations", "/unsupported_fields",
    ];

    public async Task<AdminResponse> HandleAsync(AdminRequest request)
    {
        if (Mutations.Contains(request.Path))
        {
            return request.IsPost
                ? await MutateAsync(request).ConfigureAwait(false)
                : AdminResponse.Text($"Method {request.Method} not allowed, POST required.\n", 400);
        }
        if (request.Method is not ("GET" or "HEAD" or "POST")) return AdminResponse.Text("Method Not Allowed\n", 405);
        switch (request.Path)
        {
            case "/" or "/help":
                return AdminResponse.Text(Help());
            case "/ready":
                return Ready();
            case "/stats":
                return await GuardPatternAsync(seen => statPages.Page(request, seen)).ConfigureAwait(false);
            case "/stats/prometheus":
                return await GuardPatternAsync(seen => statPages.Prometheus(request, seen)).ConfigureAwait(false);
            case "/server_info":
                return AdminResponse.Json(ServerInfoPage.Render(settings, state));
            case "/memory":
                return AdminResponse.Json(ServerInfoPage.Memory());
            case "/certs":
                return AdminResponse.Json("{\"certificates\":[]}"u8.ToArray());
            case "/unknown_destinations":
                return AdminResponse.Json(UnknownDestinationPage.Render(await unknown().ConfigureAwait(false)));
            case "/unsupported_fields":
                return await main.RunAsync(() => AdminResponse.Text(
                    string.Concat(unsupported.Fields.Select(field => $"{field.Key}: first seen in {field.Value}\n")))).ConfigureAwait(false);
            case "/clusters":
                var counts = await CountsAsync().ConfigureAwait(false);
                return await main.RunAsync(() => ClusterPage.Render(live, stats, counts, request["format"] == "json")).ConfigureAwait(false);
            case "/listeners":
                return await main.RunAsync(() => ListenerPage.Render(live, request["format"] == "json")).ConfigureAwait(false);
            case "/config_dump":
                return await main.RunAsync(() => ConfigDumpPage.Render(settings, live, unsupported.Fields, request)).ConfigureAwait(false);
            default:
                return AdminResponse.NotFound(request.Path);
        }
    }

    /// <summary>What the workers counted of each endpoint, added up; copied on their own threads.</summary>
    private async Task<Dictionary<(string Cluster, IpEndpoint Address), HostCounts>> CountsAsync()
    {
        var counts = new Dictionary<(string Cluster, IpEndpoint Address), HostCounts>();
        await sidecar.OnAllAsync(worker =>
        {
            foreach (var host in worker.Context.Clusters.All.SelectMany(cluster => cluster.Hosts))
            {
                var copy = host.CopyCounts();
                lock (counts)
                {
                    copy.Add(counts.GetValueOrDefault((host.Cluster.Config.Name, host.Address)));
                    counts[(host.Cluster.Config.Name, host.Address)] = copy;
                }
            }
        }).ConfigureAwait(false);
        return counts;
    }

    private async Task<AdminResponse> GuardPatternAsync(Func<List<UnknownDestinationTable.Entry>, AdminResponse> page)
    {
        try
        {
            return page(await unknown().ConfigureAwait(false));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return AdminResponse.Text($"Invalid regex: {e.Message}\n", 400);
        }
    }

    private static string Help() => "admin commands are:\n"
        + string.Concat(Pages.Select(page => $"  {page}\n")) + string.Concat(Mutations.Select(page => $"  {page} (POST)\n"));

    private AdminResponse Ready()
    {
        var phase = state.Current;
        var name = phase switch
        {
            ServerState.Phase.Live => "LIVE",
            ServerState.Phase.Draining => "DRAINING",
            ServerState.Phase.PreInitializing => "PRE_INITIALIZING",
            _ => "INITIALIZING",
        };
        return AdminResponse.Text(name + "\n", phase == ServerState.Phase.Live ? 200 : 503);
    }

    private async Task<AdminResponse> MutateAsync(AdminRequest request)
    {
        switch (request.Path)
        {
            case "/healthcheck/fail":
                state.SetHealthCheck(isFailed: true);
                return AdminResponse.Ok();
            case "/healthcheck/ok":
                state.SetHealthCheck(isFailed: false);
                return AdminResponse.Ok();
            case "/reset_counters":
                stats.ResetCounters();
                return AdminResponse.Ok();
            case "/reopen_logs":
                await sidecar.ReopenLogsAsync().ConfigureAwait(false);
                return AdminResponse.Ok();
            case "/drain_listeners":
                await sidecar.DrainAsync().ConfigureAwait(false);
                return AdminResponse.Ok();
            case "/logging":
                return SetLevel(request);
            default:
                return AdminResponse.Ok() with { Sent = quit };
        }
    }

    private AdminResponse SetLevel(AdminRequest request)
    {
        if (request["level"] is not { } text) return AdminResponse.Text($"active loggers:\n  all: {log.Level.ToString().ToLowerInvariant()}\n");
        if (!Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) || int.TryParse(text, out _))
        {
            return AdminResponse.Text("usage: /logging?level=trace|debug|info|warning|error|critical|off\n", 400);
        }
        log.Level = level;
        return AdminResponse.Text($"active loggers:\n  all: {text}\n");
    }
}
