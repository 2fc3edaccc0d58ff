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

    private const string Objects = "kubectl get serviceentry,virtualservice,telemetry,deploy,pod,cm -A -o jsonpath='{range .items[*]}{.kind}/{.metadata.name} {.metadata.uid}{\"\\n\"}{end}'";

    [Fact]
    [Trait("Category", "Soak")]
    public async Task State_of_the_previous_landing_goes_on_under_this_build()
    {
        // The last commit but one that changed what is built.
        var (_, commits, fault) = await Published.RunAsync("git", "log", "-2", "--format=%H", "--", "src", "apps");
        var previous = commits.Split('\n', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(1).ShouldNotBeNull($"no earlier commit to build: {fault}");
        var folder = Directory.CreateTempSubdirectory("fairlead-previous-").FullName;
        try
        {
            (await Published.RunAsync("git", "worktree", "add", "--detach", Path.Combine(folder, "tree"), previous)).Exit.ShouldBe(0);
            var built = await Published.RunAsync(Path.Combine(folder, "tree", "fairlead"), "build");
            built.Exit.ShouldBe(0, built.Error);
            await TakeOverAsync(new Mesh(Path.Combine(folder, "tree", "out", "fairlead")));
        }
        finally
        {
            await Published.RunAsync("git", "worktree", "remove", "--force", Path.Combine(folder, "tree"));
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task TakeOverAsync(Mesh old)
    {
        await old.InitializeAsync();
        try
        {
            var start = await old.BlockAsync($"kubectl apply -f samples/sleep/sleep.yaml && kubectl rollout status deploy/sleep --timeout=120s && {Called("before")}");
            start.Output.ShouldContain("\n200 before\n", Case.Sensitive, start.Output);
            var (identity, objects) = (await old.BlockAsync(Identity), await old.BlockAsync(Objects));
            objects.Output.ShouldContain("ServiceEntry/before ");
            var up = await old.BlockAsync($"{Published.Fairlead} up --detach --isolated --world --state $STATE");
            up.Output.ShouldContain("is run by another build");
            up.Output.ShouldContain("The mesh is up.");
            (await old.BlockAsync(Identity)).Output.ShouldBe(identity.Output);
            (await old.BlockAsync(Objects)).Output.ShouldBe(objects.Output);
            var goneOn = await old.BlockAsync($"{Called("after")}; kubectl delete serviceentry before after");
            goneOn.Output.ShouldContain("\n200 after\n", Case.Sensitive, goneOn.Output);
        }
        finally
        {
            await old.DisposeAsync();
        }
    }

    /// <summary>An entry for a host of the world, and a call to it once it is in force.</summary>
    private static string Called(string name) => $$"""
        kubectl apply -f - <<EOF
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata:
          name: {{name}}
        spec:
          hosts: [{{(name == "before" ? "httpbin.org" : "www.baidu.com")}}]
          ports:
          - {number: 80, name: http, protocol: HTTP}
          resolution: DNS
        EOF
        {{Published.Fairlead}} wait serviceentry/{{name}}.default --timeout 30s
        kubectl exec deploy/sleep -c sleep -- curl -sS -o /dev/null -w "%{http_code} {{name}}\n" http://{{(name == "before" ? "httpbin.org/get" : "www.baidu.com")}}
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
