using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>A mesh comes and goes; what the machine has afterwards is what it had before, even when everything was killed in between.</summary>
public sealed class DownTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    private const string Look = """
        look() {
          ip -o link | sed 's/^[0-9]*: //'; ip netns; ip -4 route; nft list ruleset
          cut -d' ' -f2 /proc/mounts | sort; find /sys/fs/cgroup -name "fairlead-$(printf %s "$STATE" | sha256sum | cut -c1-8)"
          ps -eo comm= | grep -E 'fairlead|conmon|runc|nginx|gunicorn|curl|sleep' | sort; cat /proc/sys/net/ipv4/ip_forward; ls "$STATE" 2>&1 | sed 's/.*No such.*/no state/'
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("fairlead-down-").FullName;
    private MeshShell? _shell;

    public async Task InitializeAsync()
    {
        var environment = new Dictionary<string, string> { ["KUBECONFIG"] = Path.Combine(_folder, "kubectl.conf"), ["STATE"] = Path.Combine(_folder, "state") };
        _shell = await MeshShell.StartAsync(Sandbox.Command(["bash", "--norc", "--noprofile", "-s"], hasOwnNetwork: true), Published.Root, environment, _folder, TimeProvider.System);
        await RunAsync($"PATH=$PATH:{Path.GetDirectoryName(Published.Fairlead)}\n{Look}");
    }

    public async Task DisposeAsync()
    {
        if (_shell is not null)
            await _shell.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("after an orderly life", "true")]
    [InlineData("after kill -9 of everything", "pkill -9 -f 'fairlead|conmon|nginx|gunicorn'; sleep 1")]
    public async Task Down_leaves_nothing(string when, string between)
    {
        var before = await RunAsync("look");
        var life = await RunAsync($"""
            fairlead up --detach --isolated --world --state $STATE
            kubectl apply -f samples/sleep/sleep.yaml && kubectl rollout status deploy/sleep --timeout=120s
            look | grep /sys/fs/cgroup
            {between}
            fairlead down --purge --state $STATE
            """);
        life.Output.ShouldContain("successfully rolled out", Case.Sensitive, life.Output);
        life.Output.ShouldMatch("/sys/fs/cgroup/.*/fairlead-[0-9a-f]{8}", "the cgroup that is looked for afterwards is there before");
        life.ExitCode.ShouldBe(0, life.Output);
        (await RunAsync("look")).Output.ShouldBe(before.Output, $"{when}:\n{life.Output}");
        (await RunAsync("kubectl config get-contexts -o name")).Output.ShouldNotContain("fairlead");
    }

    private Task<StepResult> RunAsync(string commands) => _shell!.RunAsync(commands, _ => { }, Timeout, default);
}
