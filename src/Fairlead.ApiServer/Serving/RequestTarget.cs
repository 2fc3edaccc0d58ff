using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Serving;

/// <summary>
/// A resource path taken apart: <c>/api/v1/…</c> or <c>/apis/GROUP/VERSION/…</c>, then
/// <c>[namespaces/NS/]PLURAL[/NAME[/SUBRESOURCE]]</c>.
/// </summary>
public sealed record RequestTarget(string Group, string Version, string Namespace, string Plural, string Name, string Subresource)
{
    public KindDescriptor? Kind { get; init; }

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Null when the path is not a resource path.</summary>
    public static RequestTarget? Parse(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        int next;
        string group, version;
        if (parts.Length >= 3 && parts[0] == "api")
            (group, version, next) = ("", parts[1], 2);
        else if (parts.Length >= 4 && parts[0] == "apis")
            (group, version, next) = (parts[1], parts[2], 3);
        else
            return null;
        var ns = "";
        // /namespaces/NAME, /namespaces/NAME/status and /namespaces/NAME/finalize are about the namespace itself.
        if (parts[next] == "namespaces" && parts.Length - next >= 3 && !(group.Length == 0 && parts[next + 2] is "status" or "finalize"))
        {
            ns = parts[next + 1];
            next += 2;
        }
        if (parts.Length - next is 0 or > 3)
            return null;
        var plural = parts[next];
        var kind = KindTable.FindByPlural(group, plural);
        if (kind is not null && (!kind.Versions.Contains(version) || (ns.Length > 0 && !kind.Namespaced)))
            kind = null;
        return new RequestTarget(
            group, version, ns, plural,
            parts.Length > next + 1 ? Uri.UnescapeDataString(parts[next + 1]) : "",
            parts.Length > next + 2 ? parts[next + 2] : "")
        { Kind = kind };
    }
}
