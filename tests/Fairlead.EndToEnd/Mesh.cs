using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>A mesh with a world of its own, in namespaces of its own, and one bash in it; taken down with everything it started.</summary>
public sealed class Mesh : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BlockTimeout = TimeSpan.FromMinutes(5);

    private readonly string _fairlead;
    private readonly string _folder = Directory.CreateTempSubdirectory("fairlead-e2e-").FullName;
    private MeshShell? _shell;

    public Mesh()
        : this(Published.Fairlead)
    {
    }

    /// <summary>A mesh that another build's executable starts.</summary>
    internal Mesh(string fairlead) => _fairlead = fairlead;

    private string State => Path.Combine(_folder, "state");

    public async Task InitializeAsync()
    {
        var environment = new Dictionary<string, string>
        {
            ["KUBECONFIG"] = Path.Combine(_folder, "kubectl.conf"),
            ["STATE"] = State,
            ["LOAD"] = Path.Combine(_folder, "load"),
        };
        var command = Sandbox.Command(["bash", "--norc", "--noprofile", "-s"], hasOwnNetwork: true);
        _shell = await MeshShell.StartAsync(command, Published.Root, environment, _folder, TimeProvider.System);
        await _shell.RunAsync($"PATH=$PATH:{Path.GetDirectoryName(_fairlead)}", _ => { }, StartTimeout, default);
        var up = await _shell.RunAsync($"fairlead up --detach --isolated --world --state {State}", _ => { }, StartTimeout, default);
        up.ExitCode.ShouldBe(0, up.Output);
        await File.WriteAllTextAsync(Path.Combine(_folder, "resolv.conf"), "nameserver 10.244.0.1\n");
        // The sandbox has mounts of its own: the machine's resolv.conf stays what it is.
        (await BlockAsync($"mount --bind {_folder}/resolv.conf /etc/resolv.conf")).ExitCode.ShouldBe(0);
    }

    /// <summary>Runs commands as if pasted into a terminal at once.</summary>
    internal Task<StepResult> BlockAsync(string commands) =>
        (_shell ?? throw new InvalidOperationException("the mesh is not up")).RunAsync(commands, _ => { }, BlockTimeout, default);

    public async Task DisposeAsync()
    {
        if (_shell is not null)
        {
            await _shell.RunAsync($"umount /etc/resolv.conf; fairlead down --purge --state {State}", _ => { }, BlockTimeout, default);
            await _shell.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }
}
