using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.ApiServer.Pki;

/// <summary>
/// The cluster's certificate authority and what it signs: ECDSA P-256, kept as PEM files. The CA lives ten years and
/// leaves one; leaves are renewed at the process's start once two thirds of their life are over (kubeadm's terms).
/// </summary>
public sealed class ClusterAuthority : IDisposable
{
    private const int AuthorityYears = 10;
    private static readonly TimeSpan LeafLife = TimeSpan.FromDays(365);
    private static readonly TimeSpan RenewBefore = LeafLife / 3;

    /// <summary>Certificates are valid a little before they are made: clocks differ.</summary>
    private static readonly TimeSpan Backdate = TimeSpan.FromMinutes(5);

    private readonly string directory;
    private readonly TimeProvider time;
    private readonly X509Certificate2 authority;

    private ClusterAuthority(string directory, TimeProvider time, X509Certificate2 authority)
    {
        this.directory = directory;
        this.time = time;
        this.authority = authority;
        Certificate = X509CertificateLoader.LoadCertificate(authority.RawData);
    }

    /// <summary>The CA's certificate, without its key.</summary>
    public X509Certificate2 Certificate { get; }

    public string CertificatePem => Certificate.ExportCertificatePem() + "\n";

    public static ClusterAuthority Open(string directory, TimeProvider time)
    {
        PrivateFiles.EnsureDirectory(directory);
        var certificatePath = Path.Combine(directory, "ca.crt");
        var keyPath = Path.Combine(directory, "ca.key");
        if (!File.Exists(certificatePath) || !File.Exists(keyPath))
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=kubernetes", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(
                X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, critical: true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
            var now = time.GetUtcNow();
            using var made = request.CreateSelfSigned(now - Backdate, now.AddYears(AuthorityYears));
            PrivateFiles.Write(keyPath, key.ExportPkcs8PrivateKeyPem() + "\n");
            File.WriteAllText(certificatePath, made.ExportCertificatePem() + "\n");
        }
        return new ClusterAuthority(directory, time, X509Certificate2.CreateFromPemFile(certificatePath, keyPath));
    }

    /// <summary>A serving certificate, from its files <c>NAME.crt</c> and <c>NAME.key</c> while it still fits and lasts.</summary>
    public X509Certificate2 Serving(string name, string commonName, IReadOnlyList<string> dnsNames, IReadOnlyList<IPAddress> addresses) =>
        OpenOrIssue(name, $"CN={commonName}", request =>
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
            var names = new SubjectAlternativeNameBuilder();
            foreach (var dns in dnsNames)
                names.AddDnsName(dns);
            foreach (var address in addresses)
                names.AddIpAddress(address);
            request.CertificateExtensions.Add(names.Build());
        });

    /// <summary>A client certificate of a user and groups; each group is one organisation of the subject.</summary>
    public X509Certificate2 Client(string name, string user, params string[] groups) =>
        OpenOrIssue(name, string.Join(", ", [.. groups.Select(group => $"O={group}"), $"CN={user}"]), request =>
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false)));

    /// <summary>Whether a client's certificate was signed here for client use and is in its time.</summary>
    public bool Trusts(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().LocalDateTime;
        return chain.Build(certificate);
    }

    public void Dispose()
    {
        authority.Dispose();
        Certificate.Dispose();
    }

    private X509Certificate2 OpenOrIssue(string name, string subject, Action<CertificateRequest> describe)
    {
        var certificatePath = Path.Combine(directory, name + ".crt");
        var keyPath = Path.Combine(directory, name + ".key");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        describe(request);
        if (Reusable(certificatePath, keyPath, request) is { } current)
            return current;
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var now = time.GetUtcNow();
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        using var issued = request.Create(authority, now - Backdate, now + LeafLife, serial);
        PrivateFiles.Write(keyPath, key.ExportPkcs8PrivateKeyPem() + "\n");
        File.WriteAllText(certificatePath, issued.ExportCertificatePem() + "\n");
        return X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
    }

    /// <summary>The stored certificate, when it is ours, names what is asked for now and has more than a third of its life left.</summary>
    private X509Certificate2? Reusable(string certificatePath, string keyPath, CertificateRequest wanted)
    {
        if (!File.Exists(certificatePath) || !File.Exists(keyPath))
            return null;
        var current = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        var sameNames = wanted.CertificateExtensions.All(extension =>
            current.Extensions[extension.Oid!.Value!] is { } had && had.RawData.AsSpan().SequenceEqual(extension.RawData));
        var lasts = current.NotAfter.ToUniversalTime() - time.GetUtcNow() > RenewBefore;
        if (sameNames && lasts && current.SubjectName.RawData.AsSpan().SequenceEqual(wanted.SubjectName.RawData)
            && current.IssuerName.RawData.AsSpan().SequenceEqual(authority.SubjectName.RawData))
            return current;
        current.Dispose();
        return null;
    }
}
