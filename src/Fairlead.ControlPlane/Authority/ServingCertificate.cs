using System.Security.Cryptography.X509Certificates;

namespace Fairlead.ControlPlane.Authority;

/// <summary>
/// The certificate of the control plane's own TLS ports, under every name by which pods, Istio's tools and the API server's webhooks dial it.
/// Renewed when half of its life is over, by the handshake that finds it so.
/// </summary>
public sealed class ServingCertificate(MeshAuthority authority, TimeProvider time)
{
    /// <summary>Istio's lifetime of istiod's certificate is a year in old releases and 90 days where the cluster signs it; ours renews itself, so shorter costs nothing.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    /// <summary>istiod's names, the first of which webhooks and proxies verify.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "istiod.istio-system.svc", "istiod.istio-system.svc.cluster.local", "istiod.istio-system", "istiod",
        "istio-pilot.istio-system.svc", "istio-pilot.istio-system", "localhost",
    ];

    private readonly Lock gate = new();
    private X509Certificate2? current;
    private DateTimeOffset renewAt;

    public X509Certificate2 Current
    {
        get
        {
            lock (gate)
            {
                if (current is null || time.GetUtcNow() >= renewAt)
                {
                    // The one before may still be in use by a handshake: the collector closes it.
                    current = authority.IssueServer(Names, Lifetime);
                    renewAt = time.GetUtcNow() + Lifetime / 2;
                }
                return current;
            }
        }
    }
}
