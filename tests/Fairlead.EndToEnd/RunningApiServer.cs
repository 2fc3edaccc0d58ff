using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Fairlead.KubeClient;

namespace Fairlead.EndToEnd;

/// <summary>The published API server as a process of its own on a free port, perhaps under a tracer; killed when disposed.</summary>
internal sealed class RunningApiServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // a hang fails the test; no outcome depends on it

    private readonly Process _process;

    private RunningApiServer(Process process, string state)
    {
        _process = process;
        Config = KubeConfig.Load(Path.Combine(state, "kubeconfig", "admin.conf"));
    }

    public KubeConfig Config { get; }

    /// <param name="state">The state directory.</param>
    /// <param name="tracer">A command in front of the server's own; empty for none.</param>
    public static async Task<RunningApiServer> StartAsync(string state, params string[] tracer)
    {
        string[] command = [.. tracer, Published.Fairlead, "api-server", "--state", state, "--listen", "127.0.0.1:0", "--pod-listen", ""];
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Patience);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.StartsWith("serving on ", StringComparison.Ordinal))
                continue;
            // Nobody reads on: what it prints later must not block it.
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return new RunningApiServer(process, state);
        }
        throw new InvalidOperationException($"the API server ended before it served: {await errors}");
    }

    public KubeConnection Connect() => new(Config, TimeProvider.System);

    /// <summary>One connection of HTTP/1.1 with the administrator's certificate.</summary>
    public HttpClient Client()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(Config.Authorities);
        var options = new SslClientAuthenticationOptions { ClientCertificates = [Config.ClientCertificate!], CertificateChainPolicy = policy };
        return new HttpClient(new SocketsHttpHandler { SslOptions = options, MaxConnectionsPerServer = 1 }) { BaseAddress = Config.Server };
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }
}
