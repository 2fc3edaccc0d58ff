using System.Security.Cryptography;
using System.Text;
using Fairlead.ControlPlane.Translate;

namespace Fairlead.ControlPlane.Serve;

/// <summary>Resources of one type that one proxy may have: immutable, and where it can be one instance for all proxies that see the same.</summary>
public sealed class ResourceSet(IReadOnlyList<XdsResource> ordered)
{
    /// <summary>Bytes of the digest that make a version.</summary>
    private const int VersionBytes = 8;

    private Dictionary<string, XdsResource>? byName;
    private string? version;

    public static ResourceSet Empty { get; } = new([]);

    /// <summary>In the order in which they are sent; no name occurs twice.</summary>
    public IReadOnlyList<XdsResource> Ordered => ordered;

    public int Count => ordered.Count;

    /// <summary>A digest of names and versions: equal on every replica that has the same resources.</summary>
    public string Version => version ??= Digest();

    public XdsResource? Find(string name) => (byName ??= Index()).GetValueOrDefault(name);

    /// <summary>Whether the other set has the same names in the same order: then they can be compared position by position.</summary>
    public bool IsShapedLike(ResourceSet other)
    {
        if (other.Count != Count)
            return false;
        for (var index = 0; index < ordered.Count; index++)
        {
            if (ordered[index].Name != other.Ordered[index].Name)
                return false;
        }
        return true;
    }

    private Dictionary<string, XdsResource> Index()
    {
        var index = new Dictionary<string, XdsResource>(ordered.Count, StringComparer.Ordinal);
        foreach (var resource in ordered)
            index.TryAdd(resource.Name, resource);
        return index;
    }

    private string Digest()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var resource in ordered)
        {
            digest.AppendData(Encoding.UTF8.GetBytes(resource.Name));
            digest.AppendData([0]);
            digest.AppendData(Encoding.UTF8.GetBytes(resource.Version));
        }
        return Convert.ToHexStringLower(digest.GetHashAndReset().AsSpan(0, VersionBytes));
    }
}
