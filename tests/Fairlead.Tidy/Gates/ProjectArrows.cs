using System.Xml.Linq;

namespace Fairlead.Tidy.Gates;

/// <summary>The project references of the table in ARCHITECTURE.md, and no other; every project is in the solution and has its lock.</summary>
internal static class ProjectArrows
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Fairlead.Config"] = [],
        ["Fairlead.KubeClient"] = ["Fairlead.Config"],
        ["Fairlead.Xds"] = [],
        ["Fairlead.ControlPlane"] = ["Fairlead.Config", "Fairlead.KubeClient", "Fairlead.Xds"],
        ["Fairlead.Proxy"] = ["Fairlead.Xds"],
        ["Fairlead.ApiServer"] = ["Fairlead.Config"],
        ["Fairlead.Capture"] = ["Fairlead.Config"],
        ["Fairlead.Node"] = ["Fairlead.Config", "Fairlead.KubeClient", "Fairlead.Capture"],
        ["fairlead"] =
        [
            "Fairlead.ApiServer", "Fairlead.Node", "Fairlead.ControlPlane", "Fairlead.Capture", "Fairlead.KubeClient", "Fairlead.Config", "Fairlead.Xds",
        ],
        ["fairlead-proxy"] = ["Fairlead.Proxy"],
    };

    public static IEnumerable<Finding> Check(SourceTree tree)
    {
        var solution = tree.Files.GetValueOrDefault("Fairlead.slnx", "");
        foreach (var (path, text) in tree.Files.Where(f => f.Key.EndsWith(".csproj", StringComparison.Ordinal)).OrderBy(f => f.Key))
        {
            var project = XDocument.Parse(text, LoadOptions.SetLineInfo);
            if (!solution.Contains($"\"{path}\"", StringComparison.Ordinal))
            {
                yield return new Finding(path, 1, "is not in Fairlead.slnx: nobody builds it");
            }
            foreach (var finding in Arrows(path, project).Concat(Locks(tree, path, project)))
            {
                yield return finding;
            }
        }
    }

    private static IEnumerable<Finding> Arrows(string path, XDocument project)
    {
        if (!path.StartsWith("src/", StringComparison.Ordinal) && !path.StartsWith("apps/", StringComparison.Ordinal))
        {
            yield break;
        }
        var name = Path.GetFileNameWithoutExtension(path);
        if (!Allowed.TryGetValue(name, out var allowed))
        {
            yield return new Finding(path, 1, $"{name} is not in the table of projects; add it to ARCHITECTURE.md and to this gate, with its arrows");
            yield break;
        }
        foreach (var reference in project.Descendants("ProjectReference"))
        {
            var target = Path.GetFileNameWithoutExtension(((string?)reference.Attribute("Include") ?? "").Replace('\\', '/'));
            if (!allowed.Contains(target))
            {
                var may = allowed.Length == 0 ? "nothing" : string.Join(", ", allowed);
                yield return new Finding(path, LineOf(reference), $"{name} may not reference {target} (it may reference {may})");
            }
        }
    }

    private static IEnumerable<Finding> Locks(SourceTree tree, string path, XDocument project)
    {
        var lockPath = path[..(path.LastIndexOf('/') + 1)] + "packages.lock.json";
        if (!tree.Files.TryGetValue(lockPath, out var locked))
        {
            yield return new Finding(path, 1, "has no packages.lock.json: build it once and commit the lock");
            yield break;
        }
        foreach (var reference in project.Descendants("PackageReference"))
        {
            var package = (string?)reference.Attribute("Include") ?? "";
            if (!locked.Contains($"\"{package}\"", StringComparison.OrdinalIgnoreCase))
            {
                yield return new Finding(path, LineOf(reference), $"{package} is missing in packages.lock.json: build it once and commit the lock");
            }
        }
    }

    private static int LineOf(XObject element) => element is System.Xml.IXmlLineInfo line ? line.LineNumber : 1;
}
