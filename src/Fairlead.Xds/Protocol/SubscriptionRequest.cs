using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;

namespace Fairlead.Xds.Protocol;

/// <summary>One request of a discovery stream as the server sees it, state-of-the-world or delta.</summary>
public sealed record SubscriptionRequest
{
    public required string TypeUrl { get; init; }

    /// <summary>Who asks; only the first request of a stream must say so.</summary>
    public Node? Node { get; init; }

    /// <summary>The response that this answers; empty when it answers none.</summary>
    public string ResponseNonce { get; init; } = "";

    /// <summary>Why the response was refused; null when it was not.</summary>
    public string? Rejection { get; init; }

    /// <summary>State of the world: every name that is wanted from now on. Delta: the names that are wanted in addition.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Delta only: names that are wanted no longer.</summary>
    public IReadOnlyList<string> Unsubscribed { get; init; } = [];

    /// <summary>Delta only: what the client still holds from an earlier stream, name to version.</summary>
    public IReadOnlyDictionary<string, string> Held { get; init; } = new Dictionary<string, string>();

    public bool IsDelta { get; init; }

    public static SubscriptionRequest From(DiscoveryRequest request) => new()
    {
        TypeUrl = request.TypeUrl,
        Node = request.Node,
        ResponseNonce = request.ResponseNonce,
        Rejection = request.ErrorDetail?.Message,
        Names = request.ResourceNames,
    };

    public static SubscriptionRequest From(DeltaDiscoveryRequest request) => new()
    {
        TypeUrl = request.TypeUrl,
        Node = request.Node,
        ResponseNonce = request.ResponseNonce,
        Rejection = request.ErrorDetail?.Message,
        Names = request.ResourceNamesSubscribe,
        Unsubscribed = request.ResourceNamesUnsubscribe,
        Held = new Dictionary<string, string>(request.InitialResourceVersions),
        IsDelta = true,
    };
}
