using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fairlead.Tidy;

/// <summary>
/// The repository as text: relative path (forward slashes) to content. Gates are functions of it, so that each can be shown a tree
/// with a deliberate violation.
/// </summary>
internal sealed class SourceTree
{
    private static readonly string[] SkippedFolders = ["bin", "obj", "out", ".git", "node_modules", "TestResults", "__pycache__", ".vs", ".idea"];
    private static readonly string[] TextExtensions =
    [
        ".cs", ".csproj", ".props", ".slnx", ".json", ".md", ".yaml", ".yml", ".proto", ".txt", ".sh", ".py", ".c", ".h", ".js", ".mjs",
        ".editorconfig", ".gitignore", ".conf", ".cfg", ".svg", "",
    ];

    private readonly Dictionary<string, SyntaxTree> _syntax = new(StringComparer.Ordinal);

    public SourceTree(IReadOnlyDictionary<string, string> files)
    {
        Files = files;
        foreach (var (path, text) in files)
        {
            if (path.EndsWith(".cs", StringComparison.Ordinal))
            {
                _syntax[path] = CSharpSyntaxTree.ParseText(text, CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest), path);
            }
        }
    }

    public IReadOnlyDictionary<string, string> Files { get; }

    /// <summary>The folder that holds the solution, found upwards from the test's own folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Everything that is committed or could be: read once for all gates.</summary>
    public static SourceTree Repository { get; } = Load(Root);

    /// <summary>A tree made of pairs of path and content.</summary>
    public static SourceTree Of(params (string Path, string Text)[] files) => new(files.ToDictionary(f => f.Path, f => f.Text));

    /// <summary>The C# files under any of the given folders, with their syntax.</summary>
    public IEnumerable<(string Path, CompilationUnitSyntax Unit)> CSharp(params string[] folders) =>
        from pair in _syntax
        where folders.Any(folder => pair.Key.StartsWith(folder, StringComparison.Ordinal))
        orderby pair.Key
        select (pair.Key, pair.Value.GetCompilationUnitRoot());

    public bool Exists(string path) =>
        Files.ContainsKey(path) || Files.Keys.Any(file => file.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal));

    /// <summary>First line of a node without its comments and attributes, from 1.</summary>
    public static int LineOf(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    private static SourceTree Load(string root)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        Collect(root, "", files);
        return new SourceTree(files);
    }

    private static void Collect(string folder, string prefix, Dictionary<string, string> files)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            var name = Path.GetFileName(file);
            // A worktree's .git is a file that names a folder of this machine.
            if (name != ".git" && TextExtensions.Contains(Path.GetExtension(name)))
            {
                files[prefix + name] = File.ReadAllText(file);
            }
        }
        foreach (var child in Directory.EnumerateDirectories(folder))
        {
            var name = Path.GetFileName(child);
            if (!SkippedFolders.Contains(name))
            {
                Collect(child, prefix + name + "/", files);
            }
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Fairlead.slnx")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException($"no Fairlead.slnx above {AppContext.BaseDirectory}");
    }
}
