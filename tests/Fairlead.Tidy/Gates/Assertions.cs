using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fairlead.Tidy.Gates;

/// <summary>A test without an assertion cannot fail. A call of a method of the same project that asserts counts as one.</summary>
internal static class Assertions
{
    private static readonly string[] TestAttributes = ["Fact", "Theory", "Property"];

    public static IEnumerable<Finding> Check(SourceTree tree)
    {
        foreach (var project in tree.CSharp("tests/").GroupBy(f => string.Join('/', f.Path.Split('/')[..2])))
        {
            var methods = project
                .SelectMany(f => f.Unit.DescendantNodes().OfType<MethodDeclarationSyntax>().Select(m => (f.Path, Method: m, Calls: Calls(m))))
                .ToList();
            var asserting = new HashSet<string>(methods.Where(m => m.Calls.Any(IsAssertion)).Select(m => m.Method.Identifier.Text), StringComparer.Ordinal);
            int before;
            do
            {
                before = asserting.Count;
                asserting.UnionWith(methods.Where(m => m.Calls.Any(asserting.Contains)).Select(m => m.Method.Identifier.Text));
            }
            while (asserting.Count > before);
            foreach (var (path, method, calls) in methods.Where(m => IsTest(m.Method)))
            {
                if (!calls.Any(call => IsAssertion(call) || asserting.Contains(call)))
                {
                    yield return new Finding(path, SourceTree.LineOf(method), $"{method.Identifier.Text} asserts nothing");
                }
            }
        }
    }

    private static bool IsTest(MethodDeclarationSyntax method) =>
        method.AttributeLists.SelectMany(list => list.Attributes).Any(a => TestAttributes.Contains(a.Name.ToString()));

    private static bool IsAssertion(string call) =>
        call.StartsWith("Should", StringComparison.Ordinal) || call.StartsWith("Assert.", StringComparison.Ordinal)
        || call.StartsWith("Check.", StringComparison.Ordinal) || call is "QuickCheckThrowOnFailure" or "VerboseCheckThrowOnFailure";

    /// <summary>Names of the methods called: the last name, and for static classes of assertions the class too.</summary>
    private static HashSet<string> Calls(MethodDeclarationSyntax method) => method
        .DescendantNodes()
        .OfType<InvocationExpressionSyntax>()
        .SelectMany(call => call.Expression switch
        {
            MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax owner } access => [access.Name.Identifier.Text, $"{owner.Identifier.Text}.{access.Name.Identifier.Text}"],
            MemberAccessExpressionSyntax access => [access.Name.Identifier.Text],
            MemberBindingExpressionSyntax binding => [binding.Name.Identifier.Text],
            SimpleNameSyntax name => new[] { name.Identifier.Text },
            _ => [],
        })
        .ToHashSet(StringComparer.Ordinal);
}
