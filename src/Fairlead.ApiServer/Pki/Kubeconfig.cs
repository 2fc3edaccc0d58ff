using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fairlead.ApiServer.Pki;

/// <summary>Writes kubeconfig files: one cluster, one user with an embedded client certificate, one context named <c>fairlead</c>.</summary>
public static class Kubeconfig
{
    public const string ContextName = "fairlead";

    public static void Write(string path, Uri server, string authorityPem, string user, X509Certificate2 client)
    {
        using var key = client.GetECDsaPrivateKey() ?? throw new CryptographicException("the client certificate has no key");
        var text = new StringBuilder()
            .Append("apiVersion: v1\nkind: Config\ncurrent-context: ").Append(ContextName).Append('\n')
            .Append("preferences: {}\nclusters:\n- name: ").Append(ContextName).Append("\n  cluster:\n    server: ")
            .Append(server.ToString().TrimEnd('/')).Append("\n    certificate-authority-data: ").Append(Base64(authorityPem))
            .Append("\ncontexts:\n- name: ").Append(ContextName).Append("\n  context:\n    cluster: ").Append(ContextName)
            .Append("\n    user: ").Append(user).Append("\nusers:\n- name: ").Append(user)
            .Append("\n  user:\n    client-certificate-data: ").Append(Base64(client.ExportCertificatePem() + "\n"))
            .Append("\n    client-key-data: ").Append(Base64(key.ExportPkcs8PrivateKeyPem() + "\n")).Append('\n');
        PrivateFiles.Write(path, text.ToString());
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
