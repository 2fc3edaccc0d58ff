using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Ingest;
using Fairlead.KubeClient;

namespace Fairlead.ControlPlane.Authority;

/// <summary>
/// The mesh's certificate authority: one self-signed root, kept in the Secret <c>istio-ca-secret</c> where Istio keeps its own, so that every
/// replica and every restart is the same authority. A root that was put there by hand (plug-in CA) is used as it is.
/// </summary>
public sealed class MeshAuthority : IDisposable
{
    public const string SecretName = "istio-ca-secret";

    /// <summary>Istio's lifetime of a self-signed root.</summary>
    public static readonly TimeSpan RootLifetime = TimeSpan.FromDays(3650);

    /// <summary>Clocks of pods may be behind by this much.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private const string CertificateKey = "ca-cert.pem";
    private const string PrivateKeyKey = "ca-key.pem";
    private const string RootKey = "root-cert.pem";

    private readonly X509Certificate2 signer;
    private readonly TimeProvider time;

    private MeshAuthority(X509Certificate2 signer, string rootPem, TimeProvider time)
    {
        this.signer = signer;
        this.time = time;
        RootPem = rootPem;
    }

    /// <summary>What clients must trust, PEM.</summary>
    public string RootPem { get; }

    /// <summary>Reads the authority from the API server; the first caller of a mesh makes it.</summary>
    /// <exception cref="InvalidDataException">The Secret exists and cannot be used.</exception>
    public static async Task<MeshAuthority> LoadOrCreateAsync(KubeConnection connection, TimeProvider time, CancellationToken cancel)
    {
        while (true)
        {
            if (await connection.FindAsync(KindTable.Secret, WatchedKinds.RootNamespace, SecretName, cancel).ConfigureAwait(false) is { } secret)
                return FromSecret(secret, time);
            try
            {
                return FromSecret(await connection.CreateAsync(KindTable.Secret, NewSecret(time), cancel).ConfigureAwait(false), time);
            }
            catch (KubeStatusException other) when (other.IsAlreadyExists)
            {
                // Another replica was first: its authority is ours.
                continue;
            }
        }
    }

    /// <summary>An authority that is kept nowhere: for tests and tools.</summary>
    public static MeshAuthority CreateTransient(TimeProvider time) => FromSecret(NewSecret(time), time);

    /// <summary>A certificate with a fresh key for a server of these names.</summary>
    public X509Certificate2 IssueServer(IReadOnlyList<string> dnsNames, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={dnsNames[0]}, O=fairlead", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in dnsNames)
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(signer, true, false));
        var now = time.GetUtcNow();
        var from = Later(now - ClockSkew, signer.NotBefore);
        var until = now + lifetime < signer.NotAfter ? now + lifetime : signer.NotAfter;
        using var issued = request.Create(signer, from, until, RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }

    public void Dispose() => signer.Dispose();

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;

    private static MeshAuthority FromSecret(KubeObject secret, TimeProvider time)
    {
        var certificate = Data(secret, CertificateKey);
        var key = Data(secret, PrivateKeyKey);
        var root = Data(secret, RootKey);
        if (certificate.Length == 0 || key.Length == 0)
            throw new InvalidDataException($"Secret {secret.Namespace}/{secret.Name} must hold {CertificateKey} and {PrivateKeyKey}; delete it and one is made");
        try
        {
            return new MeshAuthority(X509Certificate2.CreateFromPem(certificate, key), root.Trim().Length == 0 ? certificate : root, time);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"Secret {secret.Namespace}/{secret.Name}: {CertificateKey} and {PrivateKeyKey} do not form a pair: {fault.Message}", fault);
        }
    }

    private static string Data(KubeObject secret, string key) =>
        secret.Root["data"] is JsonObject data && data[key] is JsonValue value && value.TryGetValue(out string? text)
            ? Encoding.UTF8.GetString(Convert.FromBase64String(text))
            : "";

    private static KubeObject NewSecret(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("O=cluster.local", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        using var root = request.CreateSelfSigned(now - ClockSkew, now + RootLifetime);
        return new KubeObject(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = SecretName, ["namespace"] = WatchedKinds.RootNamespace },
            ["type"] = "istio.io/ca-root",
            ["data"] = new JsonObject
            {
                [CertificateKey] = Base64(root.ExportCertificatePem()),
                [PrivateKeyKey] = Base64(key.ExportPkcs8PrivateKeyPem()),
                ["cert-chain.pem"] = "",
                [RootKey] = "",
            },
        });
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
