using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fairlead.KubeClient;

namespace Fairlead.EndToEnd;

/// <summary>The published API server as a process of its own on a free port, perhaps under a tracer; killed when disposed.</summary>
internal sealed class RunningApiServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // a hang fails the test; no outcome depends on it

    private readonly Process _process;
    private readonly StringBuilder _printed;

    private RunningApiServer(Process process, StringBuilder printed, string state)
    {
        _process = process;
        _printed = printed;
        Config = KubeConfig.Load(Path.Combine(state, "kubeconfig", "admin.conf"));
    }

    public KubeConfig Config { get; }

    /// <param name="state">The state directory.</param>
    /// <param name="tracer">A command in front of the server's own; empty for none.</param>
    public static Task<RunningApiServer> StartAsync(string state, params string[] tracer) => StartAsync(state, 0, tracer);

    /// <param name="state">The state directory.</param>
    /// <param name="port">0: any free one.</param>
    /// <param name="tracer">A command in front of the server's own; empty for none.</param>
    public static async Task<RunningApiServer> StartAsync(string state, int port, string[] tracer)
    {
        string[] command = [.. tracer, Published.Fairlead, "api-server", "--state", state, "--listen", $"127.0.0.1:{port}", "--pod-listen", ""];
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var printed = new StringBuilder();
        var serving = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Read(string? line)
        {
            lock (printed)
                printed.AppendLine(line);
            if (line is null)
                serving.TrySetResult(false);
            else if (line.StartsWith("serving on ", StringComparison.Ordinal))
                serving.TrySetResult(true);
        }
        process.OutputDataReceived += (_, read) => Read(read.Data);
        process.ErrorDataReceived += (_, read) => Read(read.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!await serving.Task.WaitAsync(Patience, TimeProvider.System))
        {
            await process.WaitForExitAsync();
            throw new InvalidOperationException($"the API server ended before it served: {printed}");
        }
        return new RunningApiServer(process, printed, state);
    }

    public KubeConnection Connect() => new(Config, TimeProvider.System);

    /// <summary>What the process wrote to its standard output and error; whole once it has ended.</summary>
    public string Printed => _printed.ToString();

    /// <summary>One connection of HTTP/1.1 with the administrator's certificate.</summary>
    public HttpClient Client() => Client(Config.ClientCertificate);

    /// <summary>One connection of HTTP/1.1 with a certificate, or with none.</summary>
    public HttpClient Client(X509Certificate2? certificate) =>
        new(new SocketsHttpHandler { SslOptions = ClientOptions(certificate), MaxConnectionsPerServer = 1 }) { BaseAddress = Config.Server };

    public SslClientAuthenticationOptions ClientOptions(X509Certificate2? certificate)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(Config.Authorities);
        return new SslClientAuthenticationOptions { ClientCertificates = certificate is null ? null : [certificate], CertificateChainPolicy = policy, TargetHost = Config.Server.Host };
    }

    /// <summary>Sockets that the process holds.</summary>
    public int OpenSockets() => Directory.EnumerateFiles($"/proc/{_process.Id}/fd").Count(file => new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task StopAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        using (var kill = Process.Start("kill", [_process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(limit.Token);
        await _process.WaitForExitAsync(limit.Token);
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
