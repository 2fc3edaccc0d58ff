using Fairlead.Tidy.Gates;

namespace Fairlead.Tidy;

/// <summary>Every gate on this repository. A message says where and what to do; an exception goes into <see cref="KnownExceptions"/>.</summary>
public sealed class RepositoryTests
{
    [Fact]
    public void Projects_reference_what_the_table_allows() => ShouldPass(ProjectArrows.Check(SourceTree.Repository));

    [Fact]
    public void Folders_use_what_their_place_allows() => ShouldPass(FolderArrows.Check(SourceTree.Repository));

    [Fact]
    public void Type_names_name_things() => ShouldPass(Suffixes.Check(SourceTree.Repository));

    [Fact]
    public void Files_and_methods_fit() => ShouldPass(Sizes.Check(SourceTree.Repository));

    [Fact]
    public void Interfaces_have_two_implementations() => ShouldPass(SingleImplementations.Check(SourceTree.Repository));

    [Fact]
    public void Nothing_is_left_over() => ShouldPass(Leftovers.Check(SourceTree.Repository));

    [Fact]
    public void Types_are_used() => ShouldPass(DeadTypes.Check(SourceTree.Repository));

    [Fact]
    public void Links_lead_somewhere() => ShouldPass(MarkdownLinks.Check(SourceTree.Repository));

    [Fact]
    public void Tests_assert() => ShouldPass(Assertions.Check(SourceTree.Repository));

    [Fact]
    public void No_machine_or_registry_is_named() => ShouldPass(MachineNames.Check(SourceTree.Repository));

    [Fact]
    public void Exceptions_give_a_reason()
    {
        foreach (var entry in KnownExceptions.Sizes.Concat(KnownExceptions.Names).Concat(KnownExceptions.SingleImplementations).Concat(KnownExceptions.DeadTypes))
        {
            entry.Reason.Length.ShouldBeGreaterThan(20, $"{entry.Path} {entry.Symbol}");
            SourceTree.Repository.Files.Keys.ShouldContain(entry.Path);
        }
    }

    private static void ShouldPass(IEnumerable<Finding> findings)
    {
        var lines = findings.Select(f => f.ToString()).Distinct().ToList();
        lines.ShouldBeEmpty("\n" + string.Join('\n', lines) + "\n");
    }
}
