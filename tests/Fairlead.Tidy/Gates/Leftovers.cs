using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fairlead.Tidy.Gates;

/// <summary>What was meant to be temporary: notes to self, silenced warnings, errors swallowed without a word.</summary>
internal static partial class Leftovers
{
    public static IEnumerable<Finding> Check(SourceTree tree)
    {
        foreach (var (path, text) in tree.Files.OrderBy(f => f.Key))
        {
            var number = 0;
            foreach (var line in text.Split('\n'))
            {
                number++;
                if (Note().Match(line) is { Success: true } note)
                {
                    yield return new Finding(path, number, $"{note.Value} left over: do it, or open an issue");
                }
            }
        }
        foreach (var (path, unit) in tree.CSharp("src/", "apps/", "tests/"))
        {
            foreach (var pragma in unit.DescendantNodes(descendIntoTrivia: true).OfType<PragmaWarningDirectiveTriviaSyntax>())
            {
                yield return new Finding(path, SourceTree.LineOf(pragma), "a warning is silenced: follow it, or say in .editorconfig why it is wrong for everyone");
            }
            foreach (var clause in unit.DescendantNodes().OfType<CatchClauseSyntax>().Where(IsEmpty))
            {
                yield return new Finding(path, SourceTree.LineOf(clause), "an empty catch: handle the error, or say in the block why there is nothing to do");
            }
        }
    }

    private static bool IsEmpty(CatchClauseSyntax clause) =>
        clause.Block.Statements.Count == 0
        && !clause.Block.DescendantTrivia().Any(t => t.IsKind(SyntaxKind.SingleLineCommentTrivia) || t.IsKind(SyntaxKind.MultiLineCommentTrivia));

    // Spelled apart, so that this file does not find itself.
    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK|XX" + @"X)\b(?=[:(\s]|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Note();
}
