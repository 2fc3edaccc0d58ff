using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using Envoy.Config.Core.V3;
using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Telemetry;
using Fairlead.Xds.Grpc;
using Fairlead.Xds.Reports;

namespace Fairlead.Proxy.Snapshot.Ads;

/// <summary>
/// Tells the control plane which destinations no configuration names, so that it can say whose entry misses them. One client stream with the
/// identity of ADS; a control plane that does not know it answers UNIMPLEMENTED and is not asked again. The first sighting after quiet is
/// told at once; under steady traffic reports are ever fewer.
/// </summary>
/// <param name="target">The control plane.</param>
/// <param name="node">Who reports.</param>
/// <param name="copy">What the workers have seen since they started, merged.</param>
/// <param name="time">The clock.</param>
/// <param name="random">For jitter.</param>
internal sealed class UnknownDestinationReporter(AdsTarget target, Node node, Func<Task<List<UnknownDestinationTable.Entry>>> copy, TimeProvider time, Random random)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200); // a person's next command comes later
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10); // ten thousand sidecars then send a thousand reports a second

    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<byte[], long> _reported = new(BytesComparer.Instance);
    private int _isSeen;

    /// <summary>A worker recorded a destination. From any thread; cheap when a report is due already.</summary>
    public void Seen()
    {
        if (Interlocked.Exchange(ref _isSeen, 1) == 0) _due.Writer.TryWrite(true);
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        var failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await ReportAsync(() => failures = 0, cancellation).ConfigureAwait(false);
            }
            catch (GrpcException unknown) when (unknown.Status == GrpcStatusCode.Unimplemented)
            {
                return;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or SocketException or GrpcException or IOException or UnauthorizedAccessException
                or CryptographicException or OperationCanceledException or InvalidOperationException)
            {
                // ADS says that the control plane is away; what was not told is told to the next one from the start.
                _reported.Clear();
                Seen();
            }
            await Task.Delay(AdsClient.Delay(failures++, random), time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReportAsync(Action succeeded, CancellationToken cancellation)
    {
        await _due.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false);
        using var client = AdsConnection.Open(target);
        using var call = new GrpcCall<UnknownDestinationReport, UnknownDestinationSummary>(
            client, target.Address, GrpcPaths.UnknownDestinations, UnknownDestinationSummary.Parser, AdsConnection.Headers(target));
        // The server answers nothing until it ends the call: with a status, which this raises.
        var ended = call.ReadAsync(cancellation);
        var report = new UnknownDestinationReport { Node = node };
        var pause = ShortestPause;
        while (true)
        {
            _due.Reader.TryRead(out _);
            Interlocked.Exchange(ref _isSeen, 0);
            Add(report, await copy().ConfigureAwait(false));
            if (report.Destinations.Count > 0)
            {
                call.Send(report);
                report = new UnknownDestinationReport();
            }
            await WaitAsync(ended, Task.Delay(pause, time, cancellation)).ConfigureAwait(false);
            succeeded();
            pause = Volatile.Read(ref _isSeen) == 0 ? ShortestPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            await WaitAsync(ended, _due.Reader.WaitToReadAsync(cancellation).AsTask()).ConfigureAwait(false);
        }
    }

    private static async Task WaitAsync(Task ended, Task awaited)
    {
        var first = await Task.WhenAny(ended, awaited).ConfigureAwait(false);
        await first.ConfigureAwait(false);
    }

    /// <summary>Adds what has grown since the last report of this stream.</summary>
    private void Add(UnknownDestinationReport report, List<UnknownDestinationTable.Entry> entries)
    {
        foreach (var entry in entries)
        {
            var before = _reported.GetValueOrDefault(entry.Key);
            // Fewer than before: the entry had left the table and came anew.
            var grown = entry.Count >= before ? entry.Count - before : entry.Count;
            if (grown == 0) continue;
            _reported[entry.Key] = entry.Count;
            report.Destinations.Add(new UnknownDestination
            {
                Host = entry.Host,
                Address = entry.Address.IsSet ? entry.Address.ToIPAddress().ToString() : string.Empty,
                Port = entry.Address.IsSet ? (uint)entry.Address.Port : 0,
                Protocol = entry.Protocol.ToString().ToLowerInvariant(),
                Count = (ulong)grown,
                Blocked = entry.IsBlocked,
            });
        }
        if (_reported.Count <= 2 * UnknownDestinationTable.Capacity) return;
        var kept = entries.Select(entry => entry.Key).ToHashSet(BytesComparer.Instance);
        foreach (var key in _reported.Keys.Where(key => !kept.Contains(key)).ToList()) _reported.Remove(key);
    }
}
