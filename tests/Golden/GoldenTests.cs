using System.Runtime.CompilerServices;

namespace Fairlead.Golden;

/// <summary>
/// YAML in, xDS out. A case is <c>Cases/name.in.yaml</c> (objects, and one <c>kind: Proxy</c> that says who asks and what to show) and
/// <c>Cases/name.out.yaml</c>. To write the latter anew: <c>dotnet test tests/Golden -p:UpdateGolden=true</c>.
/// </summary>
public sealed class GoldenTests
{
    private const string InputEnding = ".in.yaml";

    public static TheoryData<string> Cases()
    {
        var cases = new TheoryData<string>();
        foreach (var file in Directory.EnumerateFiles(Folder(), "*" + InputEnding).Order(StringComparer.Ordinal))
            cases.Add(Path.GetFileName(file)[..^InputEnding.Length]);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Translates(string name)
    {
        var golden = GoldenCase.Read(File.ReadAllText(Path.Combine(Folder(), name + InputEnding)));
        var actual = golden.Translate();
        var expectedFile = Path.Combine(Folder(), name + ".out.yaml");
#if UPDATE_GOLDEN
        File.WriteAllText(expectedFile, actual);
#endif
        File.Exists(expectedFile).ShouldBeTrue($"write {Path.GetFileName(expectedFile)} with -p:UpdateGolden=true");
        actual.ShouldBe(File.ReadAllText(expectedFile));
    }

    [Fact]
    public void Every_expectation_has_its_input() =>
        Directory.EnumerateFiles(Folder(), "*.out.yaml").Select(file => file.Replace(".out.yaml", InputEnding, StringComparison.Ordinal)).ShouldAllBe(file => File.Exists(file));

    [Fact]
    public void The_list_of_rules_names_the_cases_that_there_are()
    {
        var listed = File.ReadLines(Path.Combine(Folder(), "..", "README.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .SelectMany(line => line.Split('|')[2].Split(',', StringSplitOptions.TrimEntries))
            .Where(name => name.StartsWith('`'))
            .Select(name => name.Trim('`'))
            .Distinct(StringComparer.Ordinal);
        listed.Order(StringComparer.Ordinal).ShouldBe(Directory.EnumerateFiles(Folder(), "*" + InputEnding).Select(file => Path.GetFileName(file)[..^InputEnding.Length]).Order(StringComparer.Ordinal));
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Cases");
}
