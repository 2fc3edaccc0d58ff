using System.Text.RegularExpressions;
using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>The tutorials' own code blocks, run in order on a mesh; what they show is what comes out, up to times, ids and addresses.</summary>
[Collection(MeshTests.Name)]
public sealed partial class TutorialTests(Mesh mesh)
{
    private const string LogFields = "method path protocol status flags details termination transport received authority cluster sni route";

    [Theory]
    [InlineData("docs/tutorial-service-entry.md")]
    [InlineData("docs/tutorial-service-entry.zh-CN.md")]
    public async Task Its_blocks_do_what_they_show(string document)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Published.Root, document));
        var shown = new List<AccessLogLine>();
        var faults = new List<string>();
        var warnings = 0;
        var last = new StepResult(0, "", TimeSpan.Zero);
        foreach (Match block in Block().Matches(text))
        {
            var content = block.Groups["content"].Value.Trim();
            if (block.Groups["language"].Value == "bash")
            {
                last = await mesh.BlockAsync(content);
                if (last.ExitCode != 0)
                {
                    faults.Add($"exit code {last.ExitCode} of\n{content}\n{last.Output}");
                }
            }
            else if (content.StartsWith("Warning: ", StringComparison.Ordinal))
            {
                warnings += content.Split('\n').Count(line => Uncounted(last.Output).Contains(Uncounted(line), StringComparison.Ordinal));
            }
            else if (AccessLogLine.TryParse(content) is { } line)
            {
                shown.Add(line);
                var log = await mesh.BlockAsync("kubectl logs \"$SOURCE_POD\" -c istio-proxy | tail");
                if (!log.Output.Split('\n').Select(AccessLogLine.TryParse).OfType<AccessLogLine>().Any(written => Shape(written) == Shape(line)))
                {
                    faults.Add($"no line of the form\n{content}\nin\n{log.Output}");
                }
            }
        }
        await mesh.BlockAsync("kubectl delete -f samples/sleep/sleep.yaml --wait=true; kubectl delete telemetry -n istio-system mesh-default");
        faults.ShouldBeEmpty(string.Join("\n\n", faults));
        shown.Count.ShouldBe(3);
        warnings.ShouldBe(2, "the warning and the line of the object that it is about");
    }

    [Fact]
    public async Task Both_languages_have_the_same_blocks()
    {
        var english = await File.ReadAllTextAsync(Path.Combine(Published.Root, "docs/tutorial-service-entry.md"));
        var chinese = await File.ReadAllTextAsync(Path.Combine(Published.Root, "docs/tutorial-service-entry.zh-CN.md"));
        Block().Matches(chinese).Select(b => b.Value).ShouldBe(Block().Matches(english).Select(b => b.Value));
    }

    // The pods of other documents may have called before.
    private static string Uncounted(string output) => Calls().Replace(output, "called www.baidu.com N times");

    private static string Shape(AccessLogLine line) => string.Join(' ', LogFields.Split(' ').Select(field => line[field]));

    [GeneratedRegex(@"called www\.baidu\.com (once|\d+ times)")]
    private static partial Regex Calls();

    [GeneratedRegex(@"^```(?<language>bash|text)\n(?<content>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
