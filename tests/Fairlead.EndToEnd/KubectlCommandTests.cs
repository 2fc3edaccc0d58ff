using System.Text.RegularExpressions;

namespace Fairlead.EndToEnd;

/// <summary>The commands of <see cref="KubectlRows"/> with each genuine kubectl that is found: exit codes and printed text.</summary>
[Collection(MeshTests.Name)]
public sealed partial class KubectlCommandTests(Mesh mesh)
{
    [Fact]
    public Task Commands_work_with_the_kubectl_on_PATH() => CommandsWorkAsync("kubectl");

    [Theory]
    [Trait("Category", "Kubectl")]
    [MemberData(nameof(FoundKubectls.All), MemberType = typeof(FoundKubectls))]
    public Task Commands_work_with_every_kubectl_found(string kubectl) => CommandsWorkAsync(kubectl);

    private async Task CommandsWorkAsync(string kubectl)
    {
        var version = await mesh.BlockAsync($"{kubectl} version --client -o json");
        var minor = int.Parse(Minor().Match(version.Output).Groups["minor"].Value, System.Globalization.CultureInfo.InvariantCulture);
        (await mesh.BlockAsync($"F=$STATE.commands; mkdir -p $F; K='{kubectl} -n commands'; kubectl create namespace commands\n{KubectlRows.Files}")).ExitCode.ShouldBe(0);
        var faults = new List<string>();
        foreach (var row in KubectlRows.All.Where(row => row.Since <= minor))
        {
            if (row.Fault(await mesh.BlockAsync(row.Commands)) is { } fault)
                faults.Add(fault);
        }
        var removed = await mesh.BlockAsync("kubectl delete namespace commands --timeout=60s; kubectl get namespace commands; rm -r $F");
        removed.Output.ShouldContain("namespaces \"commands\" not found");
        faults.ShouldBeEmpty($"kubectl 1.{minor}:\n" + string.Join("\n\n", faults));
    }

    [GeneratedRegex(@"""minor"": ""(?<minor>\d+)")]
    private static partial Regex Minor();
}
