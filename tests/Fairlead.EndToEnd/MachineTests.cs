using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>The machine under a mesh: a firewall in the way, a neighbour, a reboot. Each machine is a set of namespaces; when its first process ends, everything in it is gone at once.</summary>
public sealed class MachineTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("fairlead-machine-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_firewall_in_the_way_is_named_until_the_remedy_is_followed()
    {
        await using var machine = await StartAsync("one");
        await RunAsync(machine, "nft add table ip filter; nft add chain ip filter FORWARD '{ type filter hook forward priority 0; policy drop; }'");
        const string named = "Warning: the firewall chain 'ip filter FORWARD' drops forwarded packets: ";
        (await RunAsync(machine, "fairlead up --detach --state $STATE 2>&1")).Output.ShouldContain(named);
        (await RunAsync(machine, "fairlead status --state $STATE")).Output.ShouldContain(named);
        // What `iptables -I FORWARD -i fairlead0 -j ACCEPT` writes.
        await RunAsync(machine, "nft insert rule ip filter FORWARD iifname fairlead0 accept; nft insert rule ip filter FORWARD oifname fairlead0 accept; fairlead down --state $STATE");
        var after = await RunAsync(machine, "fairlead up --detach --state $STATE 2>&1; fairlead status --state $STATE; fairlead down --purge --state $STATE; nft list ruleset");
        after.Output.ShouldContain("The mesh is up.");
        after.Output.ShouldNotContain("Warning");
        after.Output.ShouldContain("iifname \"fairlead0\" accept", Case.Sensitive, "down touched another's table");
    }

    [Fact]
    public async Task After_a_reboot_up_brings_back_what_ran()
    {
        string before;
        await using (var machine = await StartAsync("one"))
        {
            (await RunAsync(machine, "fairlead up --detach --isolated --world --state $STATE && kubectl apply -f samples/sleep/sleep.yaml && kubectl rollout status deploy/sleep --timeout=120s"
                + " && kubectl create configmap kept && kubectl run once --image=curlimages/curl --restart=Never --labels=sidecar.istio.io/inject=false --command -- echo said"
                + " && for i in $(seq 100); do kubectl get pod once | grep -q Completed && break; sleep 0.1; done")).ExitCode.ShouldBe(0);
            before = (await RunAsync(machine, Uids)).Output;
        }
        await using var again = await StartAsync("one");
        var up = await RunAsync(again, "fairlead up --detach --isolated --world --state $STATE && kubectl wait --for=condition=Ready pod -l app=sleep --timeout=60s");
        up.ExitCode.ShouldBe(0, up.Output);
        (await RunAsync(again, Uids)).Output.ShouldBe(before, "pods were made anew");
        // A sidecar that came up before the control plane asks again after at most 30 s (its back-off is Envoy's).
        var works = await RunAsync(again, "kubectl get configmap kept -o name; kubectl logs once; for i in $(seq 200); do C=$(kubectl exec deploy/sleep -c sleep -- curl -s -m 5 -o /dev/null -w '%{http_code}' httpbin.org/get 2>/dev/null); [ \"$C\" = 200 ] && break; sleep 0.2; done 2>/dev/null; echo $C; "
            + "kubectl get pod -l app=sleep -o jsonpath='{.items[0].status.containerStatuses[?(@.name==\"sleep\")].restartCount}'; echo; fairlead down --purge --state $STATE");
        works.Output.ShouldStartWith("configmap/kept\nsaid\n200\n1\n", Case.Sensitive, works.Output);
    }

    [Fact]
    public async Task Two_meshes_side_by_side_do_not_disturb_each_other()
    {
        await using var one = await StartAsync("one");
        await using var two = await StartAsync("two");
        const string start = "fairlead up --detach --isolated --world --state $STATE && kubectl apply -f samples/sleep/sleep.yaml && kubectl rollout status deploy/sleep --timeout=120s";
        var starts = await Task.WhenAll(RunAsync(one, start), RunAsync(two, start));
        starts.ShouldAllBe(started => started.ExitCode == 0, string.Join("\n", starts.Select(started => started.Output)));
        var before = (await RunAsync(two, Uids)).Output;
        (await RunAsync(one, "fairlead down --purge --state $STATE")).ExitCode.ShouldBe(0);
        (await RunAsync(two, "kubectl exec deploy/sleep -c sleep -- curl -s -m 5 -o /dev/null -w '%{http_code}' www.baidu.com")).Output.ShouldBe("200");
        (await RunAsync(two, Uids)).Output.ShouldBe(before);
        (await RunAsync(two, "fairlead down --purge --state $STATE")).ExitCode.ShouldBe(0);
    }

    private const string Uids = "kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name} {.metadata.uid}{\"\\n\"}{end}'";

    private async Task<MeshShell> StartAsync(string name)
    {
        var environment = new Dictionary<string, string> { ["KUBECONFIG"] = Path.Combine(_folder, name + ".conf"), ["STATE"] = Path.Combine(_folder, name) };
        var machine = await MeshShell.StartAsync(Sandbox.Command(["bash", "--norc", "--noprofile", "-s"], hasOwnNetwork: true), Published.Root, environment, _folder, TimeProvider.System);
        await RunAsync(machine, $"PATH=$PATH:{Path.GetDirectoryName(Published.Fairlead)}");
        return machine;
    }

    private static Task<StepResult> RunAsync(MeshShell machine, string commands) => machine.RunAsync(commands, _ => { }, Timeout, default);
}
