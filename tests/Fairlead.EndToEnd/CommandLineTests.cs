using System.Text.Json;

namespace Fairlead.EndToEnd;

/// <summary>The command line as a user of kubectl meets it.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public async Task An_unknown_verb_is_named_with_what_was_perhaps_meant()
    {
        var (exit, output, error) = await Published.RunAsync(Published.Fairlead, "verion");
        exit.ShouldBe(1);
        output.ShouldBeEmpty();
        error.ShouldBe("error: unknown command \"verion\" for \"fairlead\"\n\nDid you mean this?\n\tversion\nRun 'fairlead --help' for usage.\n");
    }

    [Theory]
    [InlineData("--nonsense=1", "error: unknown flag: --nonsense\nSee 'fairlead version --help' for usage.\n")]
    [InlineData("-k", "error: unknown shorthand flag: 'k' in -k\nSee 'fairlead version --help' for usage.\n")]
    [InlineData("surplus", "error: unexpected argument \"surplus\"\nSee 'fairlead version --help' for usage.\n")]
    public async Task A_wrong_flag_is_named(string argument, string message)
    {
        var (exit, output, error) = await Published.RunAsync(Published.Fairlead, "version", argument);
        exit.ShouldBe(1);
        output.ShouldBeEmpty();
        error.ShouldBe(message);
    }

    [Fact]
    public async Task An_output_format_that_does_not_exist_is_refused()
    {
        var (exit, _, error) = await Published.RunAsync(Published.Fairlead, "version", "-o", "xml");
        exit.ShouldBe(1);
        error.ShouldContain("unable to match a printer suitable for the output format \"xml\", allowed formats are: json,table,yaml");
    }

    [Fact]
    public async Task Help_is_a_verb_too()
    {
        var (exit, output, _) = await Published.RunAsync(Published.Fairlead, "help", "status");
        exit.ShouldBe(0);
        output.ShouldBe((await Published.RunAsync(Published.Fairlead, "status", "--help")).Output);
        output.ShouldContain("fairlead status [options]");
    }

    [Fact]
    public async Task The_version_is_told_as_table_json_and_yaml()
    {
        var (_, table, _) = await Published.RunAsync(Published.Fairlead, "version");
        var (_, json, _) = await Published.RunAsync(Published.Fairlead, "version", "-o", "json");
        var (_, yaml, _) = await Published.RunAsync(Published.Fairlead, "version", "-o", "yaml");
        var version = JsonDocument.Parse(json).RootElement.GetProperty("version").GetString()!;
        version.ShouldStartWith("v");
        table.ShouldStartWith($"Fairlead: {version} (");
        yaml.ShouldContain($"version: {version}\n");
        yaml.ShouldContain("istioVersion: 1.22.1\n");
    }

    [Fact]
    public async Task Completion_knows_the_verbs()
    {
        var (exit, output, _) = await Published.RunAsync(Published.Fairlead, "[suggest:12]", "fairlead ver");
        exit.ShouldBe(0);
        output.Split('\n').ShouldContain("version");
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Completion_scripts_ask_this_executable(string shell)
    {
        var (exit, output, _) = await Published.RunAsync(Published.Fairlead, "completion", shell);
        exit.ShouldBe(0);
        output.ShouldContain("[suggest:");
    }

    [Fact]
    public async Task The_bash_completion_works_in_bash()
    {
        const string script = """
            source <("$0" completion bash)
            COMP_WORDS=("$0" vers) COMP_CWORD=1 COMP_LINE="fairlead vers" COMP_POINT=13
            _fairlead
            echo "${COMPREPLY[@]}"
            """;
        var (exit, output, error) = await Published.RunAsync("bash", "-c", script, Published.Fairlead);
        exit.ShouldBe(0, error);
        output.ShouldBe("version\n");
    }
}
