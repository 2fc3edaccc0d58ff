using System.Globalization;
using Fairlead.ControlPlane.Authority;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.KubeClient;
using Fairlead.Xds.Grpc;
using Fairlead.Xds.Reports;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fairlead.ControlPlane.Serve;

/// <summary>
/// envoy.service.discovery.v3.AggregatedDiscoveryService on Kestrel: admits proxies by their token and runs a <see cref="ProxySession"/> each;
/// beside it, on the same terms, our own reports of unknown destinations. When <c>stopping</c> is cancelled, every stream ends with UNAVAILABLE, on which clients
/// connect elsewhere.
/// </summary>
internal sealed class DiscoveryService(
    DiscoveryHub hub, UnknownDestinations unknown, TokenCheck? tokens, TimeProvider time, ILogger<DiscoveryService> log, CancellationToken stopping)
{
    private long connections;

    public Task HandleAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case GrpcPaths.StreamAggregated:
                return ServeAsync(context, delta: false);
            case GrpcPaths.DeltaAggregated:
                return ServeAsync(context, delta: true);
            case GrpcPaths.UnknownDestinations:
                return ReceiveReportsAsync(context);
            default:
                return RefuseAsync(context);
        }
    }

    private static async Task RefuseAsync(HttpContext context)
    {
        var stream = new GrpcStream(context);
        if (await stream.StartAsync(context.RequestAborted).ConfigureAwait(false))
            stream.End(GrpcStatusCode.Unimplemented, $"{context.Request.Path} is not served here");
    }

    private async Task ServeAsync(HttpContext context, bool delta)
    {
        var stream = new GrpcStream(context);
        var id = Interlocked.Increment(ref connections).ToString(CultureInfo.InvariantCulture);
        var session = new ProxySession(stream, delta, id, hub, time, log);
        try
        {
            await CallAsync(context, stream, $"discovery stream {id}", () => session.Proxy, async (identity, cancel) =>
            {
                await session.RunAsync(proxy => AdmitAsync(proxy, identity), cancel).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        finally
        {
            hub.Remove(session);
        }
    }

    /// <summary>A client stream of what a sidecar saw; the summary at its end is empty.</summary>
    private Task ReceiveReportsAsync(HttpContext context)
    {
        var stream = new GrpcStream(context);
        ProxyIdentity? reporter = null;
        return CallAsync(context, stream, "report stream", () => reporter, async (identity, cancel) =>
        {
            var reader = stream.Reader(UnknownDestinationReport.Parser);
            while (await reader.ReadAsync(cancel).ConfigureAwait(false) is { } report)
            {
                if (reporter is null)
                {
                    reporter = ProxyIdentity.FromNode(report.Node ?? new Envoy.Config.Core.V3.Node(), out var error)
                        ?? throw new GrpcException(GrpcStatusCode.InvalidArgument, error);
                    await AdmitAsync(reporter, identity).ConfigureAwait(false);
                    unknown.Begin(reporter);
                }
                unknown.Add(reporter, report.Destinations);
            }
            await stream.WriteAsync(new UnknownDestinationSummary(), cancel).ConfigureAwait(false);
        });
    }

    /// <summary>One call from its headers to its status; <paramref name="serve"/> gets the caller's identity (null on loopback).</summary>
    private async Task CallAsync(HttpContext context, GrpcStream stream, string name, Func<ProxyIdentity?> proxy, Func<TokenIdentity?, CancellationToken, Task> serve)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var cancel = end.Token;
        if (!await stream.StartAsync(cancel).ConfigureAwait(false))
            return;
        try
        {
            await serve(await AuthenticateAsync(context, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
            stream.End(GrpcStatusCode.Ok, "");
        }
        catch (GrpcException refused)
        {
            hub.Metrics.StreamsRefused.Increment(refused.Status.ToString());
            log.LogWarning("{Call} of {Proxy} from {Peer}: {Status}: {Message}", name, proxy()?.Id ?? "an unknown proxy", context.Connection.RemoteIpAddress, refused.Status, refused.Message);
            stream.End(refused.Status, refused.Message);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            stream.End(GrpcStatusCode.Unavailable, "the control plane is stopping; connect again");
        }
        catch (Exception left) when (left is OperationCanceledException or IOException)
        {
            log.LogDebug("{Call} of {Proxy} ended: {Message}", name, proxy()?.Id ?? "an unknown proxy", left.Message);
        }
    }

    /// <summary>Null where no token is asked for: plaintext on loopback.</summary>
    private async Task<TokenIdentity?> AuthenticateAsync(HttpContext context, CancellationToken cancel)
    {
        if (tokens is null || !context.Request.IsHttps)
            return null;
        var header = context.Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : "";
        try
        {
            var (identity, reason) = await tokens.ReviewAsync(token, cancel).ConfigureAwait(false);
            return identity ?? throw new GrpcException(GrpcStatusCode.Unauthenticated, $"authentication failure: {reason}");
        }
        catch (Exception fault) when (fault is HttpRequestException or KubeStatusException)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, $"the token cannot be checked now: {fault.Message}");
        }
    }

    /// <summary>A proxy may only speak for the pod that its token belongs to.</summary>
    private static Task AdmitAsync(ProxyIdentity proxy, TokenIdentity? identity)
    {
        if (identity is null)
            return Task.CompletedTask;
        if (proxy.Namespace != identity.Namespace)
            throw new GrpcException(GrpcStatusCode.PermissionDenied, $"node {proxy.Id} does not belong to {identity}: its namespace is {proxy.Namespace}");
        if (identity.PodName.Length > 0 && proxy.Pod != identity.PodName)
            throw new GrpcException(GrpcStatusCode.PermissionDenied, $"node {proxy.Id} does not belong to the token of pod {identity.PodName}");
        if (proxy.Metadata.TryGetValue("SERVICE_ACCOUNT", out var account) && account != identity.ServiceAccount)
            throw new GrpcException(GrpcStatusCode.PermissionDenied, $"node {proxy.Id} says service account {account}, its token is of {identity}");
        return Task.CompletedTask;
    }
}
