using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fairlead.ApiServer.Bootstrap;

namespace Fairlead.ApiServer.Pki;

/// <summary>Every key and certificate of the cluster, made or renewed at the start, and the kubeconfigs that hold them.</summary>
public sealed class ClusterPki : IDisposable
{
    /// <summary>The first address of the services' range: the Service <c>kubernetes</c>.</summary>
    public const string ServiceAddress = "10.96.0.1";

    public const string NodeName = "fairlead";
    private readonly X509Certificate2 admin;
    private readonly X509Certificate2 controlPlane;
    private readonly X509Certificate2 node;
    private readonly X509Certificate2 nodeServing;
    private readonly ServerOptions options;

    private ClusterPki(ServerOptions options, ClusterAuthority authority)
    {
        this.options = options;
        Authority = authority;
        var bridge = options.PodListen?.Address ?? IPAddress.Parse("10.244.0.1");
        Serving = authority.Serving("apiserver", "kube-apiserver",
            ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost"],
            [.. new[] { IPAddress.Loopback, IPAddress.IPv6Loopback, IPAddress.Parse(ServiceAddress), bridge, options.Listen.Address }.Distinct()]);
        nodeServing = authority.Serving("node", NodeName, [NodeName, "localhost"], [bridge, IPAddress.Loopback]);
        ToNode = authority.Client("apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters");
        admin = authority.Client("admin", "kubernetes-admin", "system:masters");
        controlPlane = authority.Client("control-plane", "system:serviceaccount:istio-system:istiod",
            "system:serviceaccounts", "system:serviceaccounts:istio-system");
        node = authority.Client("node-client", "system:node:" + NodeName, "system:nodes");
        AccountKey = OpenAccountKey();
    }

    public ClusterAuthority Authority { get; }

    /// <summary>What the server shows to its clients.</summary>
    public X509Certificate2 Serving { get; }

    /// <summary>What the server shows to the node.</summary>
    public X509Certificate2 ToNode { get; }

    /// <summary>Signs service account tokens.</summary>
    public ECDsa AccountKey { get; }

    public static ClusterPki Open(ServerOptions options, TimeProvider time) =>
        new(options, ClusterAuthority.Open(options.PkiDirectory, time));

    public void WriteKubeconfigs(Uri server)
    {
        PrivateFiles.EnsureDirectory(options.KubeconfigDirectory);
        var authorityPem = Authority.CertificatePem;
        Kubeconfig.Write(Path.Combine(options.KubeconfigDirectory, "admin.conf"), server, authorityPem, "kubernetes-admin", admin);
        Kubeconfig.Write(Path.Combine(options.KubeconfigDirectory, "control-plane.conf"), server, authorityPem, "istiod", controlPlane);
        Kubeconfig.Write(Path.Combine(options.KubeconfigDirectory, "node.conf"), server, authorityPem, "system:node:" + NodeName, node);
    }

    public void Dispose()
    {
        admin.Dispose();
        controlPlane.Dispose();
        node.Dispose();
        nodeServing.Dispose();
        Serving.Dispose();
        ToNode.Dispose();
        AccountKey.Dispose();
        Authority.Dispose();
    }

    private ECDsa OpenAccountKey()
    {
        var path = Path.Combine(options.PkiDirectory, "sa.key");
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(path))
            key.ImportFromPem(File.ReadAllText(path));
        else
            PrivateFiles.Write(path, key.ExportPkcs8PrivateKeyPem() + "\n");
        return key;
    }
}
