using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Fairlead.KubeClient;

namespace Fairlead.ApiServer.Scale;

/// <summary>The published API server on a free port.</summary>
internal sealed class Server : IDisposable
{
    private readonly Process process;
    private readonly KubeConfig config;

    private Server(Process process, string state)
    {
        this.process = process;
        config = KubeConfig.Load(Path.Combine(state, "kubeconfig", "admin.conf"));
    }

    public double ResidentMegabytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 / 1e6;
        }
    }

    public static async Task<Server> StartAsync(string executable, string state)
    {
        string[] arguments = ["api-server", "--state", state, "--listen", "127.0.0.1:0", "--pod-listen", ""];
        var process = Process.Start(new ProcessStartInfo(executable, arguments) { RedirectStandardOutput = true })!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("serving on ", StringComparison.Ordinal))
                continue;
            _ = process.StandardOutput.ReadToEndAsync();
            return new Server(process, state);
        }
        throw new InvalidOperationException("the API server ended before it served");
    }

    /// <summary>A client with connections of its own; HTTP/1.1 gives each request in flight one.</summary>
    public HttpClient Client(Version version, int connections)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(config.Authorities);
        var options = new SslClientAuthenticationOptions { ClientCertificates = [config.ClientCertificate!], CertificateChainPolicy = policy };
        var handler = new SocketsHttpHandler { SslOptions = options, MaxConnectionsPerServer = connections, EnableMultipleHttp2Connections = true };
        return new HttpClient(handler) { BaseAddress = config.Server, DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = Timeout.InfiniteTimeSpan };
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
