namespace Fairlead.EndToEnd;

/// <summary>Another build takes over a running mesh: <c>up</c> from another folder replaces the processes, and pods, sidecars and objects go on.</summary>
[Collection(MeshTests.Name)]
public sealed class UpgradeTests(Mesh mesh)
{
    /// <summary>What must not change: each container's first process (its start time, field 22 of /proc/1/stat), the pod and its restarts.</summary>
    private const string Identity = """
        for container in sleep istio-proxy; do kubectl exec deploy/sleep -c $container -- cut -d' ' -f22 /proc/1/stat; done
        kubectl get pod -l app=sleep -o jsonpath='{.items[*].metadata.uid} {.items[*].status.containerStatuses[*].restartCount}{"\n"}'
        """;

    [Fact]
    public async Task Another_build_takes_over_and_pods_go_on()
    {
        (await mesh.BlockAsync("kubectl apply -f samples/sleep/sleep.yaml && kubectl rollout status deploy/sleep --timeout=120s && cp -r $(dirname $(readlink -f $(command -v fairlead))) $STATE.build")).ExitCode.ShouldBe(0);
        var before = await mesh.BlockAsync(Identity);
        before.ExitCode.ShouldBe(0, before.Output);
        try
        {
            var up = await mesh.BlockAsync("$STATE.build/fairlead up --detach --isolated --world --state $STATE");
            up.ExitCode.ShouldBe(0, up.Output);
            up.Output.ShouldContain("is run by another build");
            up.Output.ShouldContain("The mesh is up.");
            (await mesh.BlockAsync(Identity)).Output.ShouldBe(before.Output);

            var changed = await mesh.BlockAsync("""
                kubectl apply -f - <<EOF
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata:
                  name: after-upgrade
                spec:
                  hosts: [www.baidu.com]
                  ports:
                  - {number: 80, name: http, protocol: HTTP}
                  resolution: DNS
                EOF
                fairlead wait serviceentry/after-upgrade.default --timeout 30s
                kubectl exec deploy/sleep -c sleep -- curl -sS -o /dev/null -w "%{http_code}\n" http://www.baidu.com
                kubectl delete serviceentry after-upgrade
                """);
            changed.Output.ShouldContain("\n200\n", Case.Sensitive, changed.Output);
            var again = await mesh.BlockAsync("$STATE.build/fairlead up --detach --isolated --world --state $STATE");
            again.Output.ShouldContain("is up already");
        }
        finally
        {
            var back = await mesh.BlockAsync("fairlead up --detach --isolated --world --state $STATE && rm -r $STATE.build");
            back.ExitCode.ShouldBe(0, back.Output);
        }
        (await mesh.BlockAsync(Identity)).Output.ShouldBe(before.Output);
    }
}
