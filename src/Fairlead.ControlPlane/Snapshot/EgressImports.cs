using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// The <c>hosts</c> of a Sidecar's egress listener: <c>namespace/host</c>, where the namespace may be <c>*</c> or <c>.</c>, and
/// <c>~namespace/host</c> takes out again.
/// </summary>
public sealed class EgressImports
{
    private readonly List<(string Namespace, HostName Host)> included = [];
    private readonly List<(string Namespace, HostName Host)> excluded = [];

    public bool Everything => excluded.Count == 0 && included.Any(entry => entry.Namespace == "*" && entry.Host.Value == "*");

    public static EgressImports Parse(ValueList<string> hosts, string ownNamespace)
    {
        var made = new EgressImports();
        foreach (var entry in hosts)
        {
            var slash = entry.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0)
                continue;
            var outs = entry.StartsWith('~') && slash > 1;
            var ns = outs ? entry[1..slash] : entry[..slash];
            (outs ? made.excluded : made.included).Add((ns == "." ? ownNamespace : ns, new HostName(entry[(slash + 1)..]).Normalized));
        }

        return made;
    }

    public bool Includes(string ns, string host)
    {
        var name = new HostName(host);
        return included.Any(entry => (entry.Namespace == "*" || entry.Namespace == ns) && name.IsSubsetOf(entry.Host))
            && !excluded.Any(entry => (entry.Namespace == "*" || entry.Namespace == ns) && name.IsSubsetOf(entry.Host));
    }

    /// <summary>Whether a rule's host, which may be a wildcard, has to do with what is imported.</summary>
    public bool Overlaps(string ns, string host)
    {
        var name = new HostName(host);
        return included.Any(entry => (entry.Namespace == "*" || entry.Namespace == ns) && name.Matches(entry.Host))
            && !excluded.Any(entry => (entry.Namespace == "*" || entry.Namespace == ns) && name.IsSubsetOf(entry.Host));
    }
}
