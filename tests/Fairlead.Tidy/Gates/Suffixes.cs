using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fairlead.Tidy.Gates;

/// <summary>Type names that say nothing: a drawer instead of a thing.</summary>
internal static class Suffixes
{
    private static readonly string[] Banned = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Common", "Impl", "Base"];

    public static IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.CSharp("src/", "apps/", "tests/")
        from type in file.Unit.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        let suffix = Array.Find(Banned, banned => type.Identifier.Text.EndsWith(banned, StringComparison.Ordinal))
        where suffix is not null && !KnownExceptions.Names.Any(e => e.Path == file.Path && e.Symbol == type.Identifier.Text)
        select new Finding(file.Path, SourceTree.LineOf(type), $"{type.Identifier.Text}: '{suffix}' names no thing; say what it is (RetryBudget, DrainSignal, ...)");
}
