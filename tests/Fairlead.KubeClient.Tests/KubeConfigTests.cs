using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fairlead.KubeClient.Tests;

public sealed class KubeConfigTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fairlead-kubeconfig").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Embedded_and_referenced_credentials_are_loaded()
    {
        var (certificate, key) = Pair();
        File.WriteAllText(Path.Combine(folder, "ca.pem"), certificate);
        var path = Write($$"""
            apiVersion: v1
            kind: Config
            current-context: here
            contexts:
            - name: here
              context: {cluster: c, user: u, namespace: web}
            - name: there
              context: {cluster: c, user: t}
            clusters:
            - name: c
              cluster: {server: "https://127.0.0.1:6443", certificate-authority: ca.pem}
            users:
            - name: u
              user:
                client-certificate-data: {{Base64(certificate)}}
                client-key-data: {{Base64(key)}}
            - name: t
              user: {token: secret}
            """);

        var here = KubeConfig.Load(path);
        here.Server.ShouldBe(new Uri("https://127.0.0.1:6443"));
        here.Namespace.ShouldBe("web");
        here.ClientCertificate!.HasPrivateKey.ShouldBeTrue();
        here.Authorities.Count.ShouldBe(1);

        var there = KubeConfig.Load(path, "there");
        there.Token.ShouldBe("secret");
        there.ClientCertificate.ShouldBeNull();
        there.Namespace.ShouldBe("default");
    }

    [Theory]
    [InlineData("users: [{name: u, user: {exec: {command: aws}}}]", "users[u].user.exec is not supported")]
    [InlineData("users: []", "users has no entry named 'u'")]
    [InlineData("users: [{name: u, user: {client-certificate-data: bm9wZQ==}}]", "must be given together")]
    public void A_file_that_cannot_be_used_says_what_and_where(string users, string expected)
    {
        var path = Write($$$"""
            current-context: here
            contexts: [{name: here, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443"}}]
            {{{users}}}
            """);

        var fault = Should.Throw<KubeConfigException>(() => KubeConfig.Load(path));
        fault.Message.ShouldContain(expected);
        fault.Message.ShouldStartWith(path);
    }

    [Fact]
    public void Outside_of_a_cluster_the_in_cluster_config_says_so() =>
        Should.Throw<KubeConfigException>(() => KubeConfig.InCluster(null, null)).Message.ShouldContain("KUBERNETES_SERVICE_HOST");

    [Fact]
    public void In_a_cluster_the_service_account_is_used()
    {
        var (certificate, _) = Pair();
        File.WriteAllText(Path.Combine(folder, "ca.crt"), certificate);
        File.WriteAllText(Path.Combine(folder, "token"), "t");
        File.WriteAllText(Path.Combine(folder, "namespace"), "istio-system\n");

        var config = KubeConfig.InCluster("fd00::1", "443", folder);
        config.Server.ShouldBe(new Uri("https://[fd00::1]:443"));
        config.Namespace.ShouldBe("istio-system");
        config.TokenFile.ShouldEndWith("/token");
    }

    private string Write(string text)
    {
        var path = Path.Combine(folder, "config");
        File.WriteAllText(path, text);
        return path;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static (string Certificate, string Key) Pair()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
