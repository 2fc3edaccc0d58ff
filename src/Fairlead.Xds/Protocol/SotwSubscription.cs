using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;

namespace Fairlead.Xds.Protocol;

/// <summary>
/// The client's side of one type on a state-of-the-world stream (xDS protocol document, "ACK/NACK" and "Resource subscription").
/// Pure: it makes the requests, the caller sends them. The version outlives a stream, the nonce does not.
/// </summary>
public sealed class SotwSubscription(string typeUrl, bool isWildcard)
{
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private string _nonce = string.Empty;

    public string TypeUrl { get; } = typeUrl;

    /// <summary>The last version that was accepted; empty before the first.</summary>
    public string Version { get; private set; } = string.Empty;

    public IReadOnlyCollection<string> Names => _names;

    /// <summary>True once a request of this stream named this type: until then there is nothing to be answered.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Nothing to ask for: a type by name with no names.</summary>
    public bool IsIdle => !isWildcard && _names.Count == 0 && !IsOpen;

    /// <summary>A new stream: the first request carries the node and the last accepted version, and no nonce.</summary>
    public DiscoveryRequest OnConnected(Node node)
    {
        _nonce = string.Empty;
        IsOpen = true;
        var request = Request();
        request.Node = node;
        return request;
    }

    /// <summary>The stream is gone.</summary>
    public void OnDisconnected()
    {
        _nonce = string.Empty;
        IsOpen = false;
    }

    /// <summary>Replaces the subscribed names. Null = nothing changed, nothing to send.</summary>
    public DiscoveryRequest? Subscribe(IEnumerable<string> names)
    {
        var wanted = new SortedSet<string>(names, StringComparer.Ordinal);
        if (IsOpen && wanted.SetEquals(_names)) return null;
        _names.Clear();
        _names.UnionWith(wanted);
        return Resend();
    }

    /// <summary>Asks again with unchanged names: a cluster that warms needs a fresh answer even when its endpoints did not change.</summary>
    public DiscoveryRequest Resend()
    {
        IsOpen = true;
        return Request();
    }

    /// <summary>Accepts a response: its version becomes ours.</summary>
    public DiscoveryRequest Ack(DiscoveryResponse response)
    {
        _nonce = response.Nonce;
        Version = response.VersionInfo;
        return Request();
    }

    /// <summary>Refuses a response: its nonce, our last good version, and why.</summary>
    public DiscoveryRequest Nack(DiscoveryResponse response, string message)
    {
        _nonce = response.Nonce;
        var request = Request();
        request.ErrorDetail = new Google.Rpc.Status { Code = (int)Grpc.GrpcStatusCode.Internal, Message = message };
        return request;
    }

    private DiscoveryRequest Request()
    {
        var request = new DiscoveryRequest { TypeUrl = TypeUrl, VersionInfo = Version, ResponseNonce = _nonce };
        request.ResourceNames.Add(_names);
        return request;
    }
}
