namespace Fairlead.EndToEnd;

/// <summary>Pods through kubectl: what their specs ask for, how they live and end, and their images.</summary>
[Collection(MeshTests.Name)]
public sealed class PodTests(Mesh mesh)
{
    [Fact]
    public async Task A_pod_gets_what_its_spec_asks_for()
    {
        (await mesh.BlockAsync("F=$STATE.pods; mkdir -p $F; K='kubectl -n pods'; kubectl create namespace pods")).ExitCode.ShouldBe(0);
        var faults = new List<string>();
        foreach (var row in PodRows.All)
        {
            if (row.Fault(await mesh.BlockAsync(row.Commands)) is { } fault)
                faults.Add(fault);
        }
        await mesh.BlockAsync("kubectl delete namespace pods --timeout=60s; rm -r $F");
        faults.ShouldBeEmpty(string.Join("\n\n", faults));
    }
}
