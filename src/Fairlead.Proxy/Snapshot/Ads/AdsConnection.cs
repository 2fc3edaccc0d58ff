using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Proxy.Snapshot.Ads;

/// <summary>Makes the HTTP/2 client of a target, with its roots and token read anew.</summary>
internal static class AdsConnection
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(30); // finds a peer that vanished without closing
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    /// <exception cref="IOException">A file of the target cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The roots are not certificates.</exception>
    public static HttpMessageInvoker Open(AdsTarget target)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            KeepAlivePingDelay = PingInterval,
            KeepAlivePingTimeout = PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            EnableMultipleHttp2Connections = false,
        };
        if (target.RootCertificatePath is { } path)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(path);
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = target.ServerName ?? target.Host,
                CertificateChainPolicy = ChainPolicy(roots),
            };
        }
        return new HttpMessageInvoker(handler, disposeHandler: true);
    }

    public static IEnumerable<KeyValuePair<string, string>> Headers(AdsTarget target)
    {
        foreach (var header in target.Headers) yield return header;
        if (target.TokenPath is { } path) yield return new("authorization", "Bearer " + File.ReadAllText(path).Trim());
    }

    private static X509ChainPolicy ChainPolicy(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
