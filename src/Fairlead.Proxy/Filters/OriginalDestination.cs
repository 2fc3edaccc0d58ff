using System.Text;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>Where an ORIGINAL_DST cluster sends to: a header where configured, else the connection's restored destination (envoy.md 3.1).</summary>
internal static class OriginalDestination
{
    private const int MaxTextChars = 64; // the longest "[ipv6]:port"

    /// <param name="stream">The request.</param>
    /// <param name="cluster">An ORIGINAL_DST cluster.</param>
    /// <param name="isHeaderInvalid">The header is there and is no address: it is passed over.</param>
    public static IpEndpoint Find(HttpStream stream, ClusterConfig cluster, out bool isHeaderInvalid)
    {
        isHeaderInvalid = false;
        var connection = stream.Server.Connection;
        var address = connection.IsRestored ? connection.Local : default;
        if (cluster.OriginalDst.UseHttpHeader && stream.RequestHeaders.TryGet(cluster.OriginalDst.HeaderName, out var text))
        {
            Span<char> chars = stackalloc char[MaxTextChars];
            if (text.Length <= MaxTextChars && IpEndpoint.TryParse(chars[..Encoding.Latin1.GetChars(text, chars)], out var named)) address = named;
            else isHeaderInvalid = true;
        }
        return cluster.OriginalDst.PortOverride is { } port && address.IsSet ? address.WithPort(port) : address;
    }
}
