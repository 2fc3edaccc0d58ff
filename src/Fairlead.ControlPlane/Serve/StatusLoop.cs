using System.Threading.Channels;
using Fairlead.Config.Analysis;
using Fairlead.ControlPlane.Ingest;
using Fairlead.ControlPlane.Status;
using Fairlead.KubeClient;
using Microsoft.Extensions.Logging;

namespace Fairlead.ControlPlane.Serve;

/// <summary>
/// While this replica leads: judges the mesh after changes of configuration, of proxies' answers and of what their traffic misses, and has the outcome
/// written on the objects. The more an analysis costs, the rarer it is, so that it takes a twentieth of a core at the most.
/// </summary>
internal sealed class StatusLoop(ResourceStore store, DiscoveryHub hub, UnknownDestinations unknown, StatusWriter writer, TimeProvider time, ILogger<StatusLoop> log)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private const int PausePerCost = 20;

    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public async Task RunAsync(CancellationToken cancel)
    {
        hub.Published += Wake;
        hub.Answered += OnAnswered;
        unknown.Changed += Wake;
        try
        {
            writer.Forget();
            Wake();
            while (true)
            {
                await wake.Reader.ReadAsync(cancel).ConfigureAwait(false);
                var began = time.GetTimestamp();
                await JudgeAsync(cancel).ConfigureAwait(false);
                var cost = time.GetElapsedTime(began) * PausePerCost;
                await Task.Delay(cost > ShortestPause ? cost : ShortestPause, time, cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            hub.Published -= Wake;
            hub.Answered -= OnAnswered;
            unknown.Changed -= Wake;
        }
    }

    private void Wake() => wake.Writer.TryWrite(true);

    private void OnAnswered(ProxySession session, string typeUrl, string? reason) => Wake();

    private async Task JudgeAsync(CancellationToken cancel)
    {
        var view = store.View;
        if (hub.Current is not { } current)
            return;
        var findings = Analyzer.Analyze(MeshAnalysis.Input(view, unknown.Hosts()));
        var rejections = hub.Sessions.SelectMany(session => session.Report().Where(type => type.Reason.Length > 0).Select(type => $"{type.Type}: {type.Reason}"))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        try
        {
            if (!await writer.WriteAsync(view, findings, current.Snapshot.Findings, rejections, cancel).ConfigureAwait(false))
                Wake();
        }
        catch (Exception fault) when (fault is HttpRequestException or KubeStatusException or IOException)
        {
            log.LogWarning("statuses are not written now: {Message}", fault.Message);
            writer.Forget();
            Wake();
        }
    }
}
