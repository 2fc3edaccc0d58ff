using System.Net;
using Fairlead.Proxy.Bootstrap;
using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Admin;

/// <summary>
/// The ports beside the traffic: admin (15000, loopback), and on a sidecar readiness (15021), metrics (15090) and the agent's
/// port with both (15020).
/// </summary>
internal sealed class AdminPorts(
    ProxySettings settings, ProcessLog log, ServerState state, LiveConfiguration live, UnsupportedFieldLog unsupported, MainLoop main,
    StatRegistry stats, Sidecar sidecar,
    Func<Task<List<UnknownDestinationTable.Entry>>> unknown, Action quit)
{
    private const int ReadinessPort = 15021;
    private const int PrometheusPort = 15090;

    private readonly StatPages _statPages = new(stats, state);

    public void Start(CancellationToken cancellation)
    {
        var pages = new AdminPages(settings, log, state, live, unsupported, main, stats, _statPages, sidecar, unknown, quit);
        if (settings.Bootstrap.Admin?.Address is { } address)
        {
            var endpoint = Snapshot.Compile.ProtoValues.Socket(address, "admin.address");
            Serve(new IPEndPoint(endpoint.ToIPAddress(), endpoint.Port), pages.HandleAsync, cancellation);
        }
        if (settings.Sidecar is not { } pod) return;
        Serve(new IPEndPoint(IPAddress.Any, ReadinessPort), Probe, cancellation);
        Serve(new IPEndPoint(IPAddress.Any, PrometheusPort), Metrics, cancellation);
        Serve(new IPEndPoint(IPAddress.Any, pod.Integer("statusPort") ?? 15020), Agent, cancellation);
    }

    private void Serve(IPEndPoint address, Func<AdminRequest, Task<AdminResponse>> handle, CancellationToken cancellation) =>
        _ = new AdminServer(address, handle, log, TimeProvider.System).RunAsync(cancellation);

    private Task<AdminResponse> Probe(AdminRequest request) => Task.FromResult(
        request.Path == "/healthz/ready" ? Readiness() : AdminResponse.NotFound(request.Path));

    private async Task<AdminResponse> Metrics(AdminRequest request) =>
        request.Path == "/stats/prometheus" ? _statPages.Prometheus(request, await unknown().ConfigureAwait(false)) : AdminResponse.NotFound(request.Path);

    private async Task<AdminResponse> Agent(AdminRequest request)
    {
        switch (request.Path)
        {
            case "/healthz/ready":
                return Readiness();
            case "/stats/prometheus" or "/metrics":
                return _statPages.Prometheus(request, await unknown().ConfigureAwait(false));
            case "/quitquitquit":
                if (!request.IsPost) return AdminResponse.Text("Method Not Allowed\n", 405);
                quit();
                return AdminResponse.Ok();
            default:
                return AdminResponse.NotFound(request.Path);
        }
    }

    private AdminResponse Readiness() => state.Current == ServerState.Phase.Live
        ? AdminResponse.Text(string.Empty)
        : AdminResponse.Text($"Envoy proxy is NOT ready: state {state.Current}\n", 503);
}
