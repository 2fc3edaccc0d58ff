using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.App.Walkthrough;

/// <summary>The x-envoy-peer-metadata header: a base64 google.protobuf.Struct that describes the calling workload.</summary>
internal static class PeerMetadata
{
    /// <summary>Its keys in order, or an empty list when the value is not such a struct.</summary>
    public static IReadOnlyList<string> Keys(string base64)
    {
        try
        {
            return [.. Struct.Parser.ParseFrom(Convert.FromBase64String(base64)).Fields.Keys.Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is FormatException or InvalidProtocolBufferException)
        {
            return [];
        }
    }
}
