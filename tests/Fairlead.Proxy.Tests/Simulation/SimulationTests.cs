namespace Fairlead.Proxy.Tests.Simulation;

/// <summary>
/// Every request has one outcome and one log line, bytes that go in come out, and everything returns to zero, whatever the network, the
/// peers and the configuration do.
/// </summary>
public sealed class SimulationTests
{
    private const int Sample = 150;
    private const int All = 6_000;

    [Fact]
    public void A_sample_of_seeds_holds() => Hold(Enumerable.Range(0, Sample));

    [Fact]
    [Trait("Category", "Soak")]
    public void Every_seed_holds() => Hold(Enumerable.Range(Sample, All));

    private static void Hold(IEnumerable<int> seeds)
    {
        var faults = new List<string>();
        var (requests, answers) = (0, 0);
        foreach (var seed in seeds)
        {
            var world = new SimWorld(seed);
            try
            {
                world.Run();
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                world.Faults.Add(fault.ToString());
            }
            faults.AddRange(world.Faults.Take(5).Select(fault => $"seed {seed}: {fault}"));
            requests += world.Requests;
            answers += world.Answers;
            if (faults.Count > 20) break;
        }
        faults.ShouldBeEmpty(string.Join('\n', faults));
        // The faults of the network leave most requests alone.
        ((double)answers / requests).ShouldBeGreaterThan(0.7);
    }
}
