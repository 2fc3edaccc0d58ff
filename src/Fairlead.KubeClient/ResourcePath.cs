using System.Text;
using Fairlead.Config.Kinds;

namespace Fairlead.KubeClient;

/// <summary>URLs of the Kubernetes API (API concepts, "Resource URIs").</summary>
internal static class ResourcePath
{
    public static string Collection(KindDescriptor kind, string? ns)
    {
        var path = new StringBuilder(kind.Group.Length == 0 ? "/api/" : $"/apis/{kind.Group}/").Append(kind.StorageVersion);
        if (kind.Namespaced && !string.IsNullOrEmpty(ns))
            path.Append("/namespaces/").Append(Uri.EscapeDataString(ns));
        return path.Append('/').Append(kind.Plural).ToString();
    }

    public static string Named(KindDescriptor kind, string? ns, string name, string subresource = "")
    {
        if (kind.Namespaced && string.IsNullOrEmpty(ns))
            throw new ArgumentException($"{kind.Kind} '{name}' lives in a namespace; none was given", nameof(ns));
        if (name.Length == 0)
            throw new ArgumentException($"a {kind.Kind} without a name cannot be addressed", nameof(name));
        var path = $"{Collection(kind, ns)}/{Uri.EscapeDataString(name)}";
        return subresource.Length == 0 ? path : $"{path}/{subresource}";
    }

    public static string Query(params (string Key, string Value)[] parameters)
    {
        var query = new StringBuilder();
        foreach (var (key, value) in parameters)
        {
            if (value.Length > 0)
                query.Append(query.Length == 0 ? '?' : '&').Append(key).Append('=').Append(Uri.EscapeDataString(value));
        }
        return query.ToString();
    }
}
