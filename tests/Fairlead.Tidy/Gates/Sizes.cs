using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fairlead.Tidy.Gates;

/// <summary>Files of at most 500 lines and methods of at most 70, as ratchets over <see cref="KnownExceptions.Sizes"/>.</summary>
internal static class Sizes
{
    public const int FileLinesMax = 500;
    public const int MethodLinesMax = 70;

    private static readonly string[] Scripts = [".cs", ".py", ".sh", ".c", ".js", ".mjs"];

    public static IEnumerable<Finding> Check(SourceTree tree) => Check(tree, KnownExceptions.Sizes);

    public static IEnumerable<Finding> Check(SourceTree tree, IReadOnlyList<KnownExceptions.Entry> known)
    {
        var used = new HashSet<KnownExceptions.Entry>();
        foreach (var (path, symbol, line, lines, limit) in Files(tree).Concat(Methods(tree)))
        {
            var entry = known.FirstOrDefault(e => e.Path == path && e.Symbol == symbol);
            if (lines > limit && lines > (entry?.Limit ?? limit))
            {
                var what = symbol.Length == 0 ? "the file" : symbol;
                yield return new Finding(path, line, $"{what} has {lines} lines, {entry?.Limit ?? limit} are allowed: take a part with its own name out of it");
            }
            if (lines > limit && entry is not null)
            {
                used.Add(entry);
            }
        }
        foreach (var entry in known.Where(e => !used.Contains(e)))
        {
            yield return new Finding(entry.Path, 1, $"{entry.Symbol} fits the limit now (or is gone): remove its entry from KnownExceptions");
        }
    }

    private static IEnumerable<(string Path, string Symbol, int Line, int Lines, int Limit)> Files(SourceTree tree) =>
        from file in tree.Files
        where Scripts.Contains(Path.GetExtension(file.Key)) || file.Key is "fairlead" or ".ci/run"
        orderby file.Key
        select (file.Key, "", 1, file.Value.TrimEnd('\n').Count(c => c == '\n') + 1, FileLinesMax);

    private static IEnumerable<(string Path, string Symbol, int Line, int Lines, int Limit)> Methods(SourceTree tree) =>
        from file in tree.CSharp("src/", "apps/", "tests/", "bench/")
        from node in file.Unit.DescendantNodes()
        let name = NameOf(node)
        where name is not null
        let span = node.GetLocation().GetLineSpan()
        select (file.Path, name, span.StartLinePosition.Line + 1, span.EndLinePosition.Line - span.StartLinePosition.Line + 1, MethodLinesMax);

    private static string? NameOf(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        LocalFunctionStatementSyntax local => local.Identifier.Text,
        OperatorDeclarationSyntax => "operator",
        AccessorDeclarationSyntax { Parent.Parent: PropertyDeclarationSyntax property } accessor => $"{property.Identifier.Text}.{accessor.Keyword.Text}",
        _ => null,
    };
}
