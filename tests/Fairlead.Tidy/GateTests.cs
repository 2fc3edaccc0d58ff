using Fairlead.Tidy.Gates;

namespace Fairlead.Tidy;

/// <summary>A gate that lets everything through is worse than none: each is shown a violation, and the nearest thing that is right.</summary>
public sealed class GateTests
{
    private const string EmptyLock = """{ "version": 2, "dependencies": {} }""";

    [Fact]
    public void A_wrong_project_arrow_is_found()
    {
        var findings = ProjectArrows.Check(Project("src/Fairlead.Proxy/Fairlead.Proxy.csproj", """<ProjectReference Include="..\Fairlead.Config\Fairlead.Config.csproj" />"""));
        findings.ShouldHaveSingleItem().Message.ShouldContain("Fairlead.Proxy may not reference Fairlead.Config");
    }

    [Fact]
    public void A_right_project_arrow_passes() =>
        ProjectArrows.Check(Project("src/Fairlead.Proxy/Fairlead.Proxy.csproj", """<ProjectReference Include="..\Fairlead.Xds\Fairlead.Xds.csproj" />""")).ShouldBeEmpty();

    [Theory]
    [InlineData("src/Fairlead.Core/Fairlead.Core.csproj", "not in the table")]
    [InlineData("src/Fairlead.Common/Fairlead.Common.csproj", "not in the table")]
    public void An_unknown_project_is_found(string path, string message) =>
        ProjectArrows.Check(Project(path, "")).ShouldHaveSingleItem().Message.ShouldContain(message);

    [Fact]
    public void A_package_that_is_missing_in_the_lock_is_found() =>
        ProjectArrows.Check(Project("src/Fairlead.Config/Fairlead.Config.csproj", """<PackageReference Include="YamlDotNet" />"""))
            .ShouldHaveSingleItem().Message.ShouldContain("YamlDotNet is missing in packages.lock.json");

    [Fact]
    public void A_project_without_lock_or_outside_the_solution_is_found()
    {
        var tree = SourceTree.Of(("Fairlead.slnx", "<Solution />"), ("src/Fairlead.Config/Fairlead.Config.csproj", "<Project />"));
        ProjectArrows.Check(tree).Select(f => f.Message).ShouldBe(
            ["is not in Fairlead.slnx: nobody builds it", "has no packages.lock.json: build it once and commit the lock"]);
    }

    [Theory]
    [InlineData("src/Fairlead.Proxy/Loop/A.cs", "using Fairlead.Proxy.Routing;", 1)]
    [InlineData("src/Fairlead.Proxy/Routing/A.cs", "using Fairlead.Proxy.Listeners;", 1)]
    [InlineData("src/Fairlead.Proxy/Routing/A.cs", "class A { Fairlead.Proxy.Admin.Server? s; }", 1)]
    [InlineData("src/Fairlead.Proxy/Odds/A.cs", "class A { }", 1)]
    [InlineData("src/Fairlead.Proxy/Sidecar.cs", "using Fairlead.Proxy.Routing;", 0)]
    [InlineData("src/Fairlead.Proxy/Listeners/A.cs", "using Fairlead.Proxy.Loop;", 0)]
    [InlineData("src/Fairlead.ControlPlane/Translate/A.cs", "using Fairlead.ControlPlane.Serve;", 1)]
    [InlineData("src/Fairlead.ControlPlane/Translate/A.cs", "using Fairlead.ControlPlane.Snapshot;", 0)]
    [InlineData("src/Fairlead.Config/Kinds/A.cs", "class A { string T() => File.ReadAllText(\"a\"); }", 1)]
    [InlineData("src/Fairlead.Config/Kinds/A.cs", "class A { void T(TimeProvider time) { } }", 1)]
    public void A_wrong_folder_arrow_is_found(string path, string text, int count) => FolderArrows.Check(SourceTree.Of((path, text))).Count().ShouldBe(count);

    [Theory]
    [InlineData("class RouteManager { }", 1)]
    [InlineData("static class StringUtils { }", 1)]
    [InlineData("record ThingBase { }", 1)]
    [InlineData("class Database { } class Routing { }", 0)]
    public void An_empty_name_is_found(string text, int count) => Suffixes.Check(SourceTree.Of(("src/A.cs", text))).Count().ShouldBe(count);

    [Fact]
    public void A_file_of_600_lines_is_found() =>
        Sizes.Check(SourceTree.Of(("src/A.cs", Lines(600))), []).ShouldHaveSingleItem().Message.ShouldContain("the file has 600 lines, 500 are allowed");

    [Fact]
    public void A_file_of_500_lines_passes() => Sizes.Check(SourceTree.Of(("src/A.cs", Lines(500))), []).ShouldBeEmpty();

    [Theory]
    [InlineData(68, 0)]
    [InlineData(69, 1)]
    public void A_method_of_71_lines_is_found(int bodyLines, int count) =>
        Sizes.Check(SourceTree.Of(("src/A.cs", "class A {\nvoid M() {\n" + Lines(bodyLines) + "}\n}\n")), []).Count().ShouldBe(count);

    [Fact]
    public void An_exception_is_a_ratchet()
    {
        var known = new[] { new KnownExceptions.Entry("src/A.cs", "", 550, "a reason that is long enough") };
        Sizes.Check(SourceTree.Of(("src/A.cs", Lines(550))), known).ShouldBeEmpty();
        Sizes.Check(SourceTree.Of(("src/A.cs", Lines(551))), known).ShouldHaveSingleItem().Message.ShouldContain("550 are allowed");
        Sizes.Check(SourceTree.Of(("src/A.cs", Lines(400))), known).ShouldHaveSingleItem().Message.ShouldContain("remove its entry");
    }

    [Theory]
    [InlineData("interface IOne { } class A : IOne { }", 1)]
    [InlineData("interface INone { }", 1)]
    [InlineData("interface ITwo { } class A : ITwo { } sealed class B : ITwo { }", 0)]
    [InlineData("interface ITwo<T> { } class A : ITwo<int> { } struct B : ITwo<string> { }", 0)]
    public void A_lonely_interface_is_found(string text, int count) => SingleImplementations.Check(SourceTree.Of(("src/A.cs", text)), []).Count().ShouldBe(count);

    [Theory]
    [InlineData("// TO" + "DO: later", 1)]
    [InlineData("// FIX" + "ME(me) soon", 1)]
    [InlineData("// the to-do list of Todor", 0)]
    [InlineData("#pragma warning disable CS1234", 1)]
    [InlineData("class A { void M() { try { N(); } catch (System.Exception) { } } }", 1)]
    [InlineData("class A { void M() { try { N(); } catch (System.Exception) { /* gone already, which is the wish */ } } }", 0)]
    public void A_leftover_is_found(string text, int count) => Leftovers.Check(SourceTree.Of(("src/A.cs", text))).Count().ShouldBe(count);

    [Theory]
    [InlineData("class Dead { Dead? next; }", "", 1)]
    [InlineData("class Used { }", "class User { Used? used; User? me; }", 1)]
    [InlineData("static class TextExtensions { public static int Twice(this string text) => 2; }", "class P { int T() => \"\".Twice(); P? p; }", 1)]
    public void A_dead_type_is_found(string first, string second, int count) =>
        DeadTypes.Check(SourceTree.Of(("src/A.cs", first), ("src/B.cs", second)), []).Count().ShouldBe(count);

    [Theory]
    [InlineData("[a](docs/b.md)", 0)]
    [InlineData("[a](docs/gone.md)", 1)]
    [InlineData("[a](docs/b.md#a-heading)", 0)]
    [InlineData("[a](docs/b.md#no-heading)", 1)]
    [InlineData("[a](https://example.com/x)", 0)]
    [InlineData("see `docs/b.md`", 0)]
    [InlineData("see `src/Gone.cs`", 1)]
    [InlineData("see `docs/decisions/NNNN-title.md` and `src/Fairlead.*/`", 0)]
    [InlineData("```\n`src/Gone.cs`\n```", 0)]
    public void A_dead_link_is_found(string text, int count) =>
        MarkdownLinks.Check(SourceTree.Of(("README.md", text), ("docs/b.md", "# A heading!"))).Count().ShouldBe(count);

    [Theory]
    [InlineData("`Loop/Actor.cs` and `Actor.Go`", 0)]
    [InlineData("`Loop/B.cs`", 1)]
    [InlineData("`Actor.Stop`", 1)]
    public void A_walk_that_names_what_is_gone_is_found(string text, int count) =>
        MarkdownLinks.Check(SourceTree.Of(("docs/life-of-a-test.md", text), ("src/Fairlead.P/Loop/Actor.cs", "class Actor { void Go() { } }"))).Count().ShouldBe(count);

    [Theory]
    [InlineData("[Fact] public void T() { new A(); }", 1)]
    [InlineData("[Fact] public void T() { 1.ShouldBe(1); }", 0)]
    [InlineData("[Theory] public void T() => Assert.Equal(1, 1);", 0)]
    [InlineData("[Fact] public void T() { Deeper(); } void Deeper() => Verify(); void Verify() => 1.ShouldBe(1);", 0)]
    [InlineData("[Fact] public void T() { Deeper(); } void Deeper() { }", 1)]
    public void A_test_that_cannot_fail_is_found(string members, int count) =>
        Assertions.Check(SourceTree.Of(("tests/Fairlead.A.Tests/ATests.cs", $"public class ATests {{ {members} }}"))).Count().ShouldBe(count);

    [Theory]
    [InlineData("cd /wo" + "rk/main", 1)]
    [InlineData("source = \"https://api.nu" + "get.org/v3\"", 1)]
    [InlineData("/ro" + "ot/stuff", 1)]
    [InlineData("networking/work/x and image/root/x", 0)]
    public void A_machine_name_is_found(string text, int count) => MachineNames.Check(SourceTree.Of(("a.sh", text))).Count().ShouldBe(count);

    private static SourceTree Project(string path, string items) => SourceTree.Of(
        ("Fairlead.slnx", $"<Solution><Project Path=\"{path}\" /></Solution>"),
        (path, $"<Project Sdk=\"Microsoft.NET.Sdk\"><ItemGroup>{items}</ItemGroup></Project>"),
        (path[..(path.LastIndexOf('/') + 1)] + "packages.lock.json", EmptyLock));

    private static string Lines(int count) => string.Concat(Enumerable.Repeat("// line\n", count));
}
