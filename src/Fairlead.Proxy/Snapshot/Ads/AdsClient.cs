using System.Security.Cryptography;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Xds.Grpc;
using Google.Protobuf;

namespace Fairlead.Proxy.Snapshot.Ads;

/// <summary>
/// Keeps one aggregated discovery stream to the control plane open, for ever: a lost stream is opened again after a jittered,
/// doubling delay. What was accepted before stays in force meanwhile.
/// </summary>
internal sealed class AdsClient(AdsTarget target, Node node, ResourceSink sink, MainLoop main, AdsReport report, TimeProvider time, Random random)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(15); // ten thousand sidecars then make at most about 1,300 attempts a second

    private readonly SotwSession _sotw = new(sink, report);
    private readonly DeltaSession _delta = new(sink, report);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            var wasConnected = false;
            try
            {
                using var client = AdsConnection.Open(target);
                var connected = () =>
                {
                    wasConnected = true;
                    report.Connected();
                };
                if (target.IsDelta) await RunDeltaAsync(client, connected, cancellation).ConfigureAwait(false);
                else await RunSotwAsync(client, connected, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or GrpcException or IOException or UnauthorizedAccessException
                or CryptographicException or OperationCanceledException or InvalidOperationException)
            {
                report.Disconnected($"{target}: {e.Message}{(e.InnerException is { } inner ? $" ({inner.Message})" : string.Empty)}");
            }
            failures = wasConnected ? 0 : failures + 1;
            await Task.Delay(Delay(failures, random), time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Uniform between half of and the whole doubled delay.</summary>
    public static TimeSpan Delay(int failures, Random random)
    {
        var longest = Math.Min(FirstDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 20)), LongestDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(longest * (0.5 + (random.NextDouble() / 2)));
    }

    private Task RunSotwAsync(HttpMessageInvoker client, Action connected, CancellationToken cancellation) => ConverseAsync(
        new GrpcCall<DiscoveryRequest, DiscoveryResponse>(
            client, target.Address, GrpcPaths.StreamAggregated, DiscoveryResponse.Parser, AdsConnection.Headers(target)),
        () => _sotw.OnConnected(node), _sotw.OnResponse, connected, cancellation);

    private Task RunDeltaAsync(HttpMessageInvoker client, Action connected, CancellationToken cancellation) => ConverseAsync(
        new GrpcCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
            client, target.Address, GrpcPaths.DeltaAggregated, DeltaDiscoveryResponse.Parser, AdsConnection.Headers(target)),
        () => _delta.OnConnected(node), _delta.OnResponse, connected, cancellation);

    private async Task ConverseAsync<TRequest, TResponse>(
        GrpcCall<TRequest, TResponse> call,
        Func<List<TRequest>> onConnected,
        Func<TResponse, List<TRequest>> onResponse,
        Action connected,
        CancellationToken cancellation)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        using (call)
        {
            foreach (var request in await main.RunAsync(onConnected).ConfigureAwait(false)) call.Send(request);
            for (var isFirst = true; ; isFirst = false)
            {
                var response = await call.ReadAsync(cancellation).ConfigureAwait(false);
                if (isFirst) connected();
                foreach (var request in await main.RunAsync(() => onResponse(response)).ConfigureAwait(false)) call.Send(request);
            }
        }
    }
}
