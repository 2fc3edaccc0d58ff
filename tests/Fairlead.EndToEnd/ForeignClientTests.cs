namespace Fairlead.EndToEnd;

/// <summary>Clients that nobody here wrote, unmodified, against the API server: Kubernetes' own for JavaScript and for Python.</summary>
public sealed class ForeignClientTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("fairlead-clients-").FullName;

    private string Kubeconfig => Path.Combine(_state, "kubeconfig", "admin.conf");

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public async Task Kubernetes_JavaScript_client_works()
    {
        await using var server = await RunningApiServer.StartAsync(_state);
        var (exit, output, error) = await Published.RunAsync("node", "tests/npm/api-client.mjs", Kubeconfig);
        exit.ShouldBe(0, output + error);
        output.ShouldBe("created 1\npatched 2\nrefused true 409 AlreadyExists\ninformer add update delete\ncustom js.example\n");
    }

    [Fact]
    public async Task Kubernetes_Python_client_works()
    {
        await using var server = await RunningApiServer.StartAsync(_state);
        // Debian's own interpreter: it has Debian's packages.
        var (exit, output, error) = await Published.RunAsync("/usr/bin/python3", "tests/Fairlead.EndToEnd/clients/api_client.py", Kubeconfig);
        exit.ShouldBe(0, output + error);
        output.ShouldBe("created 1\npatched 2\nrefused 409 AlreadyExists\nwatched ADDED MODIFIED DELETED\ncustom py.example MESH_EXTERNAL\n");
    }
}
