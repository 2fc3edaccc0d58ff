using System.Diagnostics;

namespace Fairlead.Tidy;

/// <summary>The gates that are the build itself: a project made in a temporary folder, under this repository's rules, must not build.</summary>
public sealed class BuildGateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fairlead-tidy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Violations_do_not_build()
    {
        (string Member, string Code)[] violations =
        [
            ("public static void Sleep() => System.Threading.Thread.Sleep(1000);", "RS0030"),
            ("public static System.DateTime Now() => System.DateTime.UtcNow;", "RS0030"),
            ("public static int Block(System.Threading.Tasks.Task<int> task) => task.Result;", "RS0030"),
            ("public static int Null(string? text) => text.Length;", "CS8602"),
            ("public static int Unused(string text) { var unused = 1; return text.Length; }", "CS0219"),
        ];
        Write("A.cs", "namespace Fairlead.Bad;\n\npublic static class A\n{\n" + string.Concat(violations.Select(v => $"    {v.Member}\n")) + "}\n");
        var (exit, output) = await BuildAsync("Fairlead.Bad", "", isLocked: false);
        exit.ShouldNotBe(0, output);
        for (var i = 0; i < violations.Length; i++)
        {
            var line = 5 + i;
            output.Split('\n').ShouldContain(l => l.Contains($"A.cs({line},") && l.Contains("error " + violations[i].Code), $"{violations[i].Member}\n{output}");
        }
    }

    [Fact]
    public async Task A_package_that_the_lock_does_not_know_does_not_restore()
    {
        Write("A.cs", "namespace Fairlead.Bad;\n\npublic static class A\n{\n    public static int M() => 1;\n}\n");
        Write("packages.lock.json", """{ "version": 2, "dependencies": { "net10.0": {} } }""");
        var (exit, output) = await BuildAsync("Fairlead.Bad", """<PackageReference Include="YamlDotNet" />""");
        exit.ShouldNotBe(0, output);
        output.ShouldContain("NU1004");
    }

    [Fact]
    public async Task The_same_project_without_violation_builds()
    {
        Write("A.cs", "namespace Fairlead.Good;\n\npublic static class A\n{\n    public static int M() => 1;\n}\n");
        var (exit, output) = await BuildAsync("Fairlead.Good", "", isLocked: false);
        exit.ShouldBe(0, output);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private async Task<(int Exit, string Output)> BuildAsync(string name, string items, bool? isLocked = null)
    {
        var root = SourceTree.Root;
        Write("Directory.Build.props", $"<Project><Import Project=\"{root}/Directory.Build.props\" /></Project>");
        Write("Directory.Packages.props", $"<Project><Import Project=\"{root}/Directory.Packages.props\" /></Project>");
        File.Copy(Path.Combine(root, ".editorconfig"), Path.Combine(_folder, ".editorconfig"));
        File.Copy(Path.Combine(root, "global.json"), Path.Combine(_folder, "global.json"));
        Write(name + ".csproj", $"<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><IsTestProject>false</IsTestProject></PropertyGroup><ItemGroup>{items}</ItemGroup></Project>");
        // A lock that is there is meant: such a project restores as CI does.
        var locked = isLocked ?? File.Exists(Path.Combine(_folder, "packages.lock.json"));
        var start = new ProcessStartInfo("dotnet", ["build", name + ".csproj", "--nologo", "-nodeReuse:false", $"-p:RestoreLockedMode={(locked ? "true" : "false")}"])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The test host's own settings of MSBuild must not reach the build under test.
        start.Environment.Remove("MSBuildSDKsPath");
        start.Environment.Remove("MSBUILD_EXE_PATH");
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}
