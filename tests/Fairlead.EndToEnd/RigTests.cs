namespace Fairlead.EndToEnd;

/// <summary>The rig's gate: right answers, a whole log and few system calls per request. It never judges time.</summary>
public sealed class RigTests
{
    [Fact]
    public async Task The_smoke_run_of_the_rig_holds()
    {
        var (exit, output, error) = await Published.RunAsync("python3", "bench/rig.py", "--smoke");
        exit.ShouldBe(0, output + error);
        output.ShouldContain("system calls per request");
    }
}
