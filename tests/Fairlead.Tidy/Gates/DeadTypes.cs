using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fairlead.Tidy.Gates;

/// <summary>
/// Types that the product names nowhere outside their own declaration. By name, not by symbol: two types of one name cover for each
/// other, which errs on the quiet side. A static class counts as used when one of its methods is called somewhere (extensions).
/// </summary>
internal static class DeadTypes
{
    public static IEnumerable<Finding> Check(SourceTree tree) => Check(tree, KnownExceptions.DeadTypes);

    public static IEnumerable<Finding> Check(SourceTree tree, IReadOnlyList<KnownExceptions.Entry> known)
    {
        var files = tree.CSharp("src/", "apps/", "bench/").ToList();
        var tokens = files.ToDictionary(
            f => f.Path,
            f => f.Unit.DescendantTokens().Where(t => t.IsKind(SyntaxKind.IdentifierToken)).Select(t => (t.ValueText, t.SpanStart)).ToList());
        var homes = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var (path, list) in tokens)
        {
            foreach (var (text, _) in list)
            {
                if (!homes.TryGetValue(text, out var home))
                {
                    homes[text] = home = new HashSet<string>(StringComparer.Ordinal);
                }
                home.Add(path);
            }
        }
        foreach (var (path, unit) in files)
        {
            foreach (var type in unit.DescendantNodes().OfType<BaseTypeDeclarationSyntax>())
            {
                var name = type.Identifier.ValueText;
                var isUsed = Names(type).Any(alias => homes.GetValueOrDefault(alias)?.Any(home => home != path) == true
                    || tokens[path].Any(t => t.ValueText == alias && !type.Span.Contains(t.SpanStart)));
                if (!isUsed && !known.Any(e => e.Path == path && e.Symbol == name))
                {
                    yield return new Finding(path, SourceTree.LineOf(type), $"{name} is used nowhere in the product: use it or delete it");
                }
            }
        }
    }

    private static IEnumerable<string> Names(BaseTypeDeclarationSyntax type)
    {
        var name = type.Identifier.ValueText;
        yield return name;
        if (name.EndsWith("Attribute", StringComparison.Ordinal))
        {
            yield return name[..^"Attribute".Length];
        }
        if (type is ClassDeclarationSyntax @class && @class.Modifiers.Any(SyntaxKind.StaticKeyword))
        {
            foreach (var method in @class.Members.OfType<MethodDeclarationSyntax>().Where(m => m.ParameterList.Parameters.FirstOrDefault()?.Modifiers.Any(SyntaxKind.ThisKeyword) == true))
            {
                yield return method.Identifier.ValueText;
            }
        }
    }
}
