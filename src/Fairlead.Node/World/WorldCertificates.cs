using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Node.World;

/// <summary>The world's test authority and its hosts' certificates, made once per state directory.</summary>
internal sealed class WorldCertificates(string folder, TimeProvider time)
{
    private const int ValidityDays = 365;

    public string AuthorityPath => Path.Combine(folder, "ca.crt");

    /// <summary>Certificate and key files for the names and addresses.</summary>
    public (string Certificate, string Key) For(WorldHost host)
    {
        var certificate = Path.Combine(folder, host.Names[0] + ".crt");
        var key = Path.Combine(folder, host.Names[0] + ".key");
        if (File.Exists(certificate) && File.Exists(key))
            return (certificate, key);
        using var authority = Authority();
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host.Names[0]}", own, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in host.Names)
            names.AddDnsName(name);
        foreach (var address in host.Addresses)
            names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var now = time.GetUtcNow();
        using var signed = request.Create(authority, now.AddHours(-1), now.AddDays(ValidityDays - 1), RandomNumberGenerator.GetBytes(16));
        WriteKey(key, own);
        File.WriteAllText(certificate, signed.ExportCertificatePem() + "\n");
        return (certificate, key);
    }

    private X509Certificate2 Authority()
    {
        var keyPath = Path.Combine(folder, "ca.key");
        if (File.Exists(AuthorityPath) && File.Exists(keyPath))
            return X509Certificate2.CreateFromPemFile(AuthorityPath, keyPath);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Fairlead test world CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        var now = time.GetUtcNow();
        var made = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(ValidityDays));
        WriteKey(keyPath, key);
        File.WriteAllText(AuthorityPath, made.ExportCertificatePem() + "\n");
        return made;
    }

    private static void WriteKey(string path, ECDsa key)
    {
        File.WriteAllText(path, "");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(path, key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
