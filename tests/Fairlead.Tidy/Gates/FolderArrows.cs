using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fairlead.Tidy.Gates;

/// <summary>
/// Which folder of the two planes may use which. A folder is a namespace; files at a project's root (where things are composed) may
/// use all of it. The tables follow a byte's way through the proxy and a change's way through the control plane.
/// </summary>
internal static class FolderArrows
{
    private static readonly Dictionary<string, string[]> Proxy = new(StringComparer.Ordinal)
    {
        ["Bootstrap"] = [],
        ["Loop"] = [],
        ["Http1"] = ["Loop"],
        ["Http2"] = ["Loop", "Http1"],
        ["Tls"] = ["Loop"],
        ["Dns"] = ["Loop"],
        ["Telemetry"] = ["Loop", "Http1", "Bootstrap"],
        ["Snapshot"] = ["Bootstrap", "Loop", "Dns", "Telemetry", "Routing", "Http1", "Tls"],
        ["Routing"] = ["Http1", "Telemetry", "Loop", "Snapshot"],
        ["Upstreams"] = ["Loop", "Http1", "Tls", "Dns", "Telemetry", "Routing", "Snapshot"],
        ["Filters"] = ["Http1", "Telemetry", "Routing", "Upstreams", "Loop", "Snapshot"],
        ["Tcp"] = ["Loop", "Telemetry", "Upstreams", "Routing", "Filters", "Snapshot"],
        ["Listeners"] = ["Loop", "Http1", "Tls", "Tcp", "Telemetry", "Filters", "Routing", "Upstreams", "Snapshot"],
        ["Admin"] = ["Bootstrap", "Loop", "Telemetry", "Snapshot", "Upstreams", "Dns", "Listeners", "Http1"],
    };

    private static readonly Dictionary<string, string[]> ControlPlane = new(StringComparer.Ordinal)
    {
        ["Ingest"] = [],
        ["Snapshot"] = ["Ingest"],
        ["Translate"] = ["Snapshot"],
        ["Authority"] = ["Ingest"],
        ["Injection"] = ["Ingest", "Snapshot", "Admission", "Authority"],
        ["Admission"] = ["Ingest", "Snapshot", "Injection", "Authority", "Status", "Serve"],
        ["Status"] = ["Ingest", "Snapshot"],
        ["Serve"] = ["Ingest", "Snapshot", "Translate", "Authority", "Status"],
    };

    /// <summary>Folders whose code is a function of its arguments: bytes or records in, bytes or records out.</summary>
    private static readonly string[] Pure =
    [
        "src/Fairlead.Config/", "src/Fairlead.Capture/", "src/Fairlead.Xds/Protocol/", "src/Fairlead.Xds/Names/", "src/Fairlead.Proxy/Http1/",
        "src/Fairlead.Proxy/Http2/", "src/Fairlead.ControlPlane/Snapshot/", "src/Fairlead.ControlPlane/Translate/",
    ];

    private static readonly string[] WorldTypes =
        ["File", "Directory", "FileStream", "StreamReader", "Socket", "TcpClient", "HttpClient", "Process", "Thread", "Timer", "TimeProvider"];

    public static IEnumerable<Finding> Check(SourceTree tree) =>
        InProject(tree, "Fairlead.Proxy", Proxy).Concat(InProject(tree, "Fairlead.ControlPlane", ControlPlane)).Concat(Impurities(tree));

    private static IEnumerable<Finding> InProject(SourceTree tree, string project, Dictionary<string, string[]> allowed)
    {
        var prefix = $"src/{project}/";
        foreach (var (path, unit) in tree.CSharp(prefix))
        {
            var inner = path[prefix.Length..];
            if (!inner.Contains('/'))
            {
                continue;
            }
            var folder = inner[..inner.IndexOf('/')];
            if (!allowed.TryGetValue(folder, out var may))
            {
                yield return new Finding(path, 1, $"{folder}/ is not in the table of {project}'s folders; add it to this gate, with its arrows");
                continue;
            }
            foreach (var name in unit.DescendantNodes().OfType<QualifiedNameSyntax>().Where(n => n.Parent is not QualifiedNameSyntax))
            {
                var text = name.ToString();
                if (name.Parent is BaseNamespaceDeclarationSyntax || !text.StartsWith(project + ".", StringComparison.Ordinal))
                {
                    continue;
                }
                var target = text[(project.Length + 1)..].Split('.')[0];
                if (target != folder && allowed.ContainsKey(target) && !may.Contains(target))
                {
                    var list = may.Length == 0 ? "no other folder" : string.Join(", ", may);
                    yield return new Finding(path, SourceTree.LineOf(name), $"{folder}/ may not use {target}/ (it may use {list})");
                }
            }
        }
    }

    private static IEnumerable<Finding> Impurities(SourceTree tree) =>
        from file in tree.CSharp(Pure)
        from name in file.Unit.DescendantNodes().OfType<IdentifierNameSyntax>()
        where WorldTypes.Contains(name.Identifier.Text)
        where name.Parent is MemberAccessExpressionSyntax access && access.Expression == name
            || name.Parent is ObjectCreationExpressionSyntax or ParameterSyntax or VariableDeclarationSyntax
        select new Finding(file.Path, SourceTree.LineOf(name), $"{name.Identifier.Text}: this folder is pure, without I/O and clock; take the value as an argument");
}
