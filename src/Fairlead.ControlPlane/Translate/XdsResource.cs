using System.Security.Cryptography;
using Fairlead.Config.Primitives;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fairlead.ControlPlane.Translate;

/// <summary>
/// One translated resource, serialised once and shared by every proxy that gets it.
/// <c>TypeUrl</c>: <c>type.googleapis.com/</c> and the message's full name.
/// <c>Version</c>: A hash of <c>Body</c>: equal versions mean equal bytes, on every replica.
/// <c>Body</c>: The message's deterministic serialisation, the value of an <c>Any</c>.
/// </summary>
public sealed record XdsResource(string TypeUrl, string Name, string Version, XdsBody Body)
{
    /// <summary>Bytes of the hash that make a version: 64 bits, so that one name's versions do not collide.</summary>
    private const int VersionBytes = 8;

    public static XdsResource Of(string name, IMessage message) => Of(name, message.Descriptor, new XdsBody([message.ToByteArray()]));

    /// <summary>Of a message that is already encoded.</summary>
    public static XdsResource Of(string name, MessageDescriptor type, XdsBody body)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in body.Pieces)
            digest.AppendData(piece.Span);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        digest.GetHashAndReset(hash);
        return new XdsResource(TypedConfig.TypePrefix + type.FullName, name, Convert.ToHexStringLower(hash[..VersionBytes]), body);
    }

    /// <summary>By name and version: bodies need not be looked at.</summary>
    public bool Equals(XdsResource? other) => other is not null && Name == other.Name && Version == other.Version && TypeUrl == other.TypeUrl;

    public override int GetHashCode() => HashCode.Combine(Name, Version);
}

/// <summary>
/// The resources of one type for one proxy. The same instance comes back for as long as nothing about them changed, so that unchanged types cost
/// a reference comparison.
/// <c>Missing</c>: Asked for by name and not there.
/// </summary>
public sealed record XdsResources(ValueList<XdsResource> Items, ValueList<string> Missing)
{
    public static XdsResources None { get; } = new([], []);
}
