using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// Who sees an object: <c>exportTo</c> after its aliases were resolved. <c>*</c> is everyone, <c>.</c> the object's own namespace,
/// <c>~</c> nobody, anything else a namespace's name (Istio, exportTo).
/// </summary>
public sealed record Visibility(bool IsPublic, ValueList<string> Namespaces)
{
    public static Visibility Public { get; } = new(true, []);

    public static Visibility Nobody { get; } = new(false, []);

    /// <summary>Reads <paramref name="exportTo"/> of an object in <paramref name="ownNamespace"/>; an empty list takes <paramref name="defaults"/>.</summary>
    public static Visibility Read(IReadOnlyList<string> exportTo, IReadOnlyList<string> defaults, string ownNamespace)
    {
        var names = exportTo.Count > 0 ? exportTo : defaults;
        if (names.Count == 0 || names.Contains("*"))
            return Public;
        var namespaces = names.Where(name => name != "~")
            .Select(name => name == "." ? ownNamespace : name)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToValueList();
        return namespaces.Count == 0 ? Nobody : new Visibility(false, namespaces);
    }

    public bool Includes(string viewerNamespace)
    {
        if (IsPublic)
            return true;
        foreach (var name in Namespaces)
        {
            if (string.Equals(name, viewerNamespace, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>Seen by its own namespace and by no other.</summary>
    public bool IsPrivateTo(string ownNamespace) => !IsPublic && Namespaces.Count == 1 && Namespaces[0] == ownNamespace;
}
