using System.Globalization;
using System.Threading.Channels;
using Envoy.Service.Discovery.V3;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate;
using Fairlead.Xds.Grpc;
using Fairlead.Xds.Names;
using Fairlead.Xds.Protocol;
using Microsoft.Extensions.Logging;

namespace Fairlead.ControlPlane.Serve;

/// <summary>
/// One proxy's ADS stream. One task owns its state: it takes requests, compares what the proxy holds with the newest config and sends the difference,
/// never more than one push ahead of the proxy's answers. Config that changes meanwhile is merged: only the newest is kept.
/// </summary>
internal sealed class ProxySession(GrpcStream stream, bool delta, string connectionId, DiscoveryHub hub, TimeProvider time, ILogger log)
{
    /// <summary>Requests read ahead of being handled; a client that sends faster waits on HTTP/2 flow control.</summary>
    private const int RequestLimit = 32;

    /// <summary>Types per stream: Envoy uses fewer than ten.</summary>
    private const int TypeLimit = 32;

    private readonly Dictionary<string, TypeState> types = new(StringComparer.Ordinal);
    private readonly Channel<SubscriptionRequest> requests = Channel.CreateBounded<SubscriptionRequest>(RequestLimit);
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock gate = new();
    private PushedConfig? pushed;
    private long nonces;

    public string ConnectionId { get; } = connectionId;

    public DateTimeOffset ConnectedAt { get; } = time.GetUtcNow();

    public bool IsDelta => delta;

    /// <summary>Null until the first request.</summary>
    public ProxyIdentity? Proxy { get; private set; }

    public string ProxyVersion { get; private set; } = "";

    /// <summary>The newest config of which the proxy has answered everything; 0 before the first.</summary>
    public PushedConfig? Settled { get; private set; }

    /// <summary>Newer config is there: look.</summary>
    public void Notify() => wake.Writer.TryWrite(true);

    /// <summary>Runs until the client leaves. <paramref name="admit"/> checks the first request's node and throws when it may not connect.</summary>
    public async Task RunAsync(Func<ProxyIdentity, Task> admit, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = ReadAsync(stop.Token);
        try
        {
            while (await wake.Reader.WaitToReadAsync(stop.Token).ConfigureAwait(false))
            {
                wake.Reader.TryRead(out _);
                while (requests.Reader.TryRead(out var request))
                    await TakeAsync(request, admit).ConfigureAwait(false);
                await PushAsync(stop.Token).ConfigureAwait(false);
                if (requests.Reader.Completion.IsCompleted)
                    break;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        // A message that could not be read ends the stream with its own status.
        await requests.Reader.Completion.ConfigureAwait(false);
    }

    /// <summary>What tools show of each type. Safe from any thread.</summary>
    public IReadOnlyList<TypeReport> Report()
    {
        lock (gate)
        {
            return [.. types.Values.OrderBy(state => PushOrder.Rank(state.Subscription.TypeUrl)).Select(TypeReport.Of)];
        }
    }

    /// <summary>What the proxy holds of a type, if it accepted everything. Safe from any thread.</summary>
    public IReadOnlyList<XdsResource> Held(string typeUrl)
    {
        lock (gate)
        {
            return types.TryGetValue(typeUrl, out var state) ? [.. TypeUpdate.Wanted(state, state.Held)] : [];
        }
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        Exception? fault = null;
        try
        {
            var next = Requests();
            while (await next(cancel).ConfigureAwait(false) is { } request)
            {
                await requests.Writer.WriteAsync(request, cancel).ConfigureAwait(false);
                Notify();
            }
        }
        catch (Exception broken) when (broken is GrpcException or IOException or OperationCanceledException)
        {
            fault = broken;
        }
        requests.Writer.TryComplete(fault);
        Notify();
    }

    /// <summary>The next request, in the neutral form of both protocols; null when the client has said all.</summary>
    private Func<CancellationToken, ValueTask<SubscriptionRequest?>> Requests()
    {
        if (delta)
        {
            var changes = stream.Reader(DeltaDiscoveryRequest.Parser);
            return async cancel => await changes.ReadAsync(cancel).ConfigureAwait(false) is { } request ? SubscriptionRequest.From(request) : null;
        }
        var wholes = stream.Reader(DiscoveryRequest.Parser);
        return async cancel => await wholes.ReadAsync(cancel).ConfigureAwait(false) is { } request ? SubscriptionRequest.From(request) : null;
    }

    private async Task TakeAsync(SubscriptionRequest request, Func<ProxyIdentity, Task> admit)
    {
        if (Proxy is null)
            await IdentifyAsync(request, admit).ConfigureAwait(false);
        if (request.TypeUrl.Length == 0)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, "type_url is missing: this is an aggregated stream");
        SubscriptionOutcome outcome;
        TypeState? state;
        lock (gate)
        {
            if (!types.TryGetValue(request.TypeUrl, out state))
            {
                if (types.Count == TypeLimit)
                    throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"more than {TypeLimit} types on one stream");
                types[request.TypeUrl] = state = new TypeState(request.TypeUrl);
                if (request.Held.Count > 0)
                    state.Held = new ResourceSet([.. request.Held.Select(held => new XdsResource(request.TypeUrl, held.Key, held.Value, XdsBody.Empty))]);
            }
            outcome = state.Subscription.Receive(request);
            state.Take(outcome);
        }
        hub.Metrics.Requests.Increment(TypeUrl.ShortName(request.TypeUrl), outcome.Kind.ToString().ToLowerInvariant());
        if (outcome.Kind == RequestKind.Nack)
        {
            hub.Metrics.Rejections.Increment(TypeUrl.ShortName(request.TypeUrl));
            log.LogWarning("{Proxy} refused {Type}: {Reason}", Proxy!.Id, TypeUrl.ShortName(request.TypeUrl), request.Rejection);
            hub.Rejected(this, request.TypeUrl, request.Rejection ?? "");
        }
        else if (outcome.Kind == RequestKind.Ack && !state.Subscription.IsOutstanding)
        {
            hub.Accepted(this, request.TypeUrl);
        }
    }

    private async Task IdentifyAsync(SubscriptionRequest request, Func<ProxyIdentity, Task> admit)
    {
        if (request.Node is null || request.Node.Id.Length == 0)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, "the first request of a stream must carry the node");
        var proxy = ProxyIdentity.FromNode(request.Node, out var error) ?? throw new GrpcException(GrpcStatusCode.InvalidArgument, error);
        await admit(proxy).ConfigureAwait(false);
        Proxy = proxy;
        ProxyVersion = proxy.Metadata.TryGetValue("ISTIO_VERSION", out var version) ? version : "";
        hub.Add(this);
    }

    private async Task PushAsync(CancellationToken cancel)
    {
        if (Proxy is null || hub.Current is not { } newest)
            return;
        var outstanding = types.Values.Any(state => state.Subscription.IsOutstanding);
        if (!outstanding && pushed != newest)
        {
            pushed = newest;
            await SendAsync(types.Values, removeNow: false, cancel).ConfigureAwait(false);
        }
        else if (pushed is not null && types.Values.Any(state => state.MustAnswer))
        {
            // In the middle of a push a new name is answered from the same config as the rest of that push.
            await SendAsync(types.Values.Where(state => state.MustAnswer), removeNow: false, cancel).ConfigureAwait(false);
        }
        if (types.Values.Any(state => state.Subscription.IsOutstanding))
            return;
        if (types.Values.Any(state => state.RemovalsWait))
            await SendAsync(types.Values.Where(state => state.RemovalsWait), removeNow: true, cancel).ConfigureAwait(false);
        if (Settled != pushed && !types.Values.Any(state => state.Subscription.IsOutstanding))
            Settle();
    }

    private void Settle()
    {
        Settled = pushed;
        if (pushed is not null)
            hub.Metrics.Convergence.Observe(time.GetElapsedTime(pushed.MadeAt).TotalSeconds);
    }

    /// <summary>Sends what changed of these types, in push order. Clusters (and their endpoints) that go away wait until the rest has been answered.</summary>
    private async Task SendAsync(IEnumerable<TypeState> due, bool removeNow, CancellationToken cancel)
    {
        var config = pushed!;
        List<TypeUpdate> updates;
        using (await hub.EnterGenerationAsync(cancel).ConfigureAwait(false))
        {
            lock (gate)
            {
                updates = [.. due.OrderBy(state => PushOrder.Rank(state.Subscription.TypeUrl)).ThenBy(state => state.Subscription.TypeUrl, StringComparer.Ordinal)
                    .Where(state => state.Subscription.WantsAnything || state.MustAnswer)
                    .Select(state => TypeUpdate.Between(state, Generate(config, state)))];
            }
        }
        var usersChange = updates.Any(update => !PushOrder.IsUsedByOthers(update.State.Subscription.TypeUrl) && (update.Changed.Count > 0 || update.Gone.Count > 0));
        foreach (var update in updates)
        {
            var used = PushOrder.IsUsedByOthers(update.State.Subscription.TypeUrl);
            await SendAsync(update, keepGone: used && usersChange && !removeNow, cancel).ConfigureAwait(false);
        }
    }

    private ResourceSet Generate(PushedConfig config, TypeState state) =>
        config.ResourcesOf(Proxy!, state.Subscription.TypeUrl, state.Subscription.Names);

    private async Task SendAsync(TypeUpdate update, bool keepGone, CancellationToken cancel)
    {
        var state = update.State;
        var (gone, kept) = keepGone ? ([], update.Gone) : (update.Gone, (IReadOnlyList<XdsResource>)[]);
        var fullState = !delta && TypeUrl.IsWildcardType(state.Subscription.TypeUrl);
        // Of state-of-the-world types that are not full state, nothing can be said about resources that are gone.
        var sends = state.MustAnswer || update.Changed.Count > 0 || (gone.Count > 0 && (delta || fullState));
        int length;
        IEnumerable<ReadOnlyMemory<byte>> pieces;
        lock (gate)
        {
            state.Held = kept.Count == 0 ? update.Target : new ResourceSet([.. update.Target.Ordered, .. kept]);
            state.RemovalsWait = kept.Count > 0;
            if (!sends)
            {
                state.Answered();
                return;
            }
            var nonce = (++nonces).ToString(CultureInfo.InvariantCulture);
            var version = state.Held.Version;
            (length, pieces) = delta
                ? DiscoveryMessage.Delta(version, state.Subscription.TypeUrl, nonce, update.Changed, [.. gone.Select(resource => resource.Name), .. update.Unknown])
                : DiscoveryMessage.StateOfTheWorld(version, state.Subscription.TypeUrl, nonce, fullState ? [.. TypeUpdate.Wanted(state, state.Held)] : update.Changed);
            state.Subscription.OnSent(version, nonce);
            state.Answered();
            state.SentBytes += length;
        }
        hub.Metrics.Pushes.Increment(TypeUrl.ShortName(state.Subscription.TypeUrl).ToLowerInvariant());
        hub.Metrics.PushedBytes.Increment(length, TypeUrl.ShortName(state.Subscription.TypeUrl).ToLowerInvariant());
        using var turn = await hub.Sending.EnterAsync(cancel).ConfigureAwait(false);
        await stream.WriteAsync(length, pieces, turn, cancel).ConfigureAwait(false);
    }
}
