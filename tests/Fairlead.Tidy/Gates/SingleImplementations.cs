using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fairlead.Tidy.Gates;

/// <summary>An interface pays for itself with two real implementations in the product; a test's double is none.</summary>
internal static class SingleImplementations
{
    public static IEnumerable<Finding> Check(SourceTree tree) => Check(tree, KnownExceptions.SingleImplementations);

    public static IEnumerable<Finding> Check(SourceTree tree, IReadOnlyList<KnownExceptions.Entry> known)
    {
        var files = tree.CSharp("src/", "apps/").ToList();
        var implementations = files
            .SelectMany(f => f.Unit.DescendantNodes().OfType<TypeDeclarationSyntax>())
            .Where(type => type is not InterfaceDeclarationSyntax)
            .SelectMany(type => type.BaseList?.Types ?? default)
            .Select(baseType => SimpleName(baseType.Type))
            .GroupBy(name => name)
            .ToDictionary(group => group.Key, group => group.Count());
        return
            from file in files
            from declared in file.Unit.DescendantNodes().OfType<InterfaceDeclarationSyntax>()
            let name = declared.Identifier.Text
            let count = implementations.GetValueOrDefault(name)
            where count < 2 && !known.Any(e => e.Path == file.Path && e.Symbol == name)
            select new Finding(file.Path, SourceTree.LineOf(declared), $"{name} has {count} implementation(s): use the class itself, or a delegate");
    }

    private static string SimpleName(TypeSyntax type) => type switch
    {
        QualifiedNameSyntax qualified => qualified.Right.Identifier.Text,
        SimpleNameSyntax simple => simple.Identifier.Text,
        _ => type.ToString(),
    };
}
