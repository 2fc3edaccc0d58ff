using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>The walkthrough's commands against the whole mesh: step by step with the verb's own checks, and pasted as one block.</summary>
[Collection(MeshTests.Name)]
public sealed class WalkthroughTests(Mesh mesh)
{
    private const string Cleanup = """
        kubectl delete -f samples/sleep/sleep.yaml --wait=true
        kubectl delete telemetry -n istio-system mesh-default
        """;

    [Fact]
    public async Task Every_step_holds()
    {
        var faults = new List<string>();
        foreach (var step in WalkthroughSteps.All)
        {
            var result = await mesh.BlockAsync(step.Commands);
            foreach (var check in step.Checks)
            {
                if (check.Fault(result) is { } fault)
                {
                    faults.Add($"{step.Title.English}: {check.Name.English}: {fault}\n{result.Output}");
                }
            }
        }
        await mesh.BlockAsync(Cleanup);
        faults.ShouldBeEmpty(string.Join("\n\n", faults));
    }

    [Fact]
    public Task Pasted_as_one_block_it_holds_three_times() => PasteAsync(3);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Pasted_as_one_block_it_holds_a_hundred_times() => PasteAsync(100);

    private async Task PasteAsync(int times)
    {
        for (var run = 1; run <= times; run++)
        {
            var result = await mesh.BlockAsync(WalkthroughBlock.Commands);
            await mesh.BlockAsync(Cleanup);
            WalkthroughBlock.Faults(result.Output).ShouldBeEmpty($"run {run} of {times}:\n{result.Output}");
        }
    }
}
