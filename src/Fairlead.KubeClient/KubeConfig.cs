using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fairlead.KubeClient;

/// <summary>
/// Where the API server is and who we are: one context of a kubeconfig file, or the service account of the pod that we run in.
/// Certificates are loaded here, so that a broken file is reported at start and not at the first request.
/// </summary>
public sealed record KubeConfig
{
    /// <summary>Where Kubernetes mounts the service account of a pod (Kubernetes documentation, "Accessing the API from a Pod").</summary>
    public const string ServiceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    public required Uri Server { get; init; }

    /// <summary>Roots that may have signed the server's certificate; empty means those of the system.</summary>
    public X509Certificate2Collection Authorities { get; init; } = [];

    /// <summary>Our certificate with its key; null when a token identifies us.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>A bearer token that does not change; empty when there is none.</summary>
    public string Token { get; init; } = "";

    /// <summary>A file that holds the bearer token and is rewritten when it is renewed; empty when there is none.</summary>
    public string TokenFile { get; init; } = "";

    /// <summary>The name that the server's certificate must carry when it is not the host of <see cref="Server"/>; empty when it is.</summary>
    public string TlsServerName { get; init; } = "";

    /// <summary>The kubeconfig asked not to verify the server; only ever true when the file says so.</summary>
    public bool SkipTlsVerification { get; init; }

    /// <summary>The namespace of the context; <c>default</c> when it names none.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Reads one context of a kubeconfig (the current one unless <paramref name="context"/> names another).</summary>
    /// <exception cref="KubeConfigException">The file is missing, is not a kubeconfig, or asks for a way to log in that is not supported.</exception>
    public static KubeConfig Load(string path, string? context = null)
    {
        var root = ReadRoot(path);
        var contextName = context ?? Text(root, "current-context");
        if (contextName.Length == 0)
            throw new KubeConfigException($"{path}: current-context is not set; set it or choose a context");
        var chosen = Named(root, path, "contexts", contextName, "context");
        var clusterName = Required(chosen, "cluster", $"{path}: contexts[{contextName}].context");
        var cluster = Named(root, path, "clusters", clusterName, "cluster");
        var userName = Text(chosen, "user");
        var user = userName.Length == 0 ? new YamlMappingNode() : Named(root, path, "users", userName, "user");
        RefuseUnsupported(user, path, userName);

        var serverText = Required(cluster, "server", $"{path}: clusters[{clusterName}].cluster");
        if (!Uri.TryCreate(serverText, UriKind.Absolute, out var server) || server.Scheme is not ("https" or "http"))
            throw new KubeConfigException($"{path}: clusters[{clusterName}].cluster.server: '{serverText}' is not an http or https URL");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        var configured = Text(chosen, "namespace");
        return new KubeConfig
        {
            Server = server,
            Authorities = ReadAuthorities(Material(cluster, "certificate-authority", folder, path), path),
            ClientCertificate = Certificate(user, folder, path),
            Token = Text(user, "token"),
            TokenFile = Text(user, "tokenFile") is { Length: > 0 } file ? Path.Combine(folder, file) : "",
            TlsServerName = Text(cluster, "tls-server-name"),
            SkipTlsVerification = Text(cluster, "insecure-skip-tls-verify") == "true",
            Namespace = configured.Length == 0 ? "default" : configured,
        };
    }

    /// <summary>The pod's own service account. <paramref name="host"/> and <paramref name="port"/> are KUBERNETES_SERVICE_HOST and _PORT.</summary>
    /// <exception cref="KubeConfigException">We do not run in a pod, or its service account is not mounted.</exception>
    public static KubeConfig InCluster(string? host, string? port, string directory = ServiceAccountDirectory)
    {
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
            throw new KubeConfigException("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: outside a cluster a kubeconfig must be given");
        var ca = Path.Combine(directory, "ca.crt");
        var token = Path.Combine(directory, "token");
        if (!File.Exists(token) || !File.Exists(ca))
            throw new KubeConfigException($"{directory} holds no token and ca.crt: automountServiceAccountToken must be on for this pod");
        var space = Path.Combine(directory, "namespace");
        return new KubeConfig
        {
            Server = new Uri($"https://{(host.Contains(':') ? $"[{host}]" : host)}:{port}"),
            Authorities = ReadAuthorities(File.ReadAllText(ca), ca),
            TokenFile = token,
            Namespace = File.Exists(space) ? File.ReadAllText(space).Trim() : "default",
        };
    }

    private static YamlMappingNode ReadRoot(string path)
    {
        var stream = new YamlStream();
        try
        {
            using var reader = new StreamReader(path);
            stream.Load(reader);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{path}: {fault.Message}", fault);
        }
        catch (YamlException fault)
        {
            throw new KubeConfigException($"{path}:{fault.Start.Line}:{fault.Start.Column}: not YAML: {fault.Message}", fault);
        }
        return stream.Documents.Count > 0 && stream.Documents[0].RootNode is YamlMappingNode root
            ? root
            : throw new KubeConfigException($"{path}: not a kubeconfig: the document is no mapping");
    }

    private static void RefuseUnsupported(YamlMappingNode user, string path, string name)
    {
        foreach (var field in (string[])["exec", "auth-provider", "username", "password"])
        {
            if (user.Children.ContainsKey(field))
                throw new KubeConfigException($"{path}: users[{name}].user.{field} is not supported; use a client certificate, token or tokenFile");
        }
    }

    private static YamlMappingNode Named(YamlMappingNode root, string path, string list, string name, string field)
    {
        if (root.Children.TryGetValue(list, out var node) && node is YamlSequenceNode entries)
        {
            foreach (var entry in entries.OfType<YamlMappingNode>())
            {
                if (Text(entry, "name") == name && entry.Children.TryGetValue(field, out var found) && found is YamlMappingNode mapping)
                    return mapping;
            }
        }
        throw new KubeConfigException($"{path}: {list} has no entry named '{name}' with a {field}");
    }

    private static string Text(YamlMappingNode node, string field) =>
        node.Children.TryGetValue(field, out var value) && value is YamlScalarNode { Value: { } text } && text is not "null" and not "~" ? text : "";

    private static string Required(YamlMappingNode node, string field, string place) =>
        Text(node, field) is { Length: > 0 } text ? text : throw new KubeConfigException($"{place}.{field} is missing");

    /// <summary>PEM text of <c>field-data</c> (base64) or of the file that <c>field</c> names, relative to the kubeconfig; null when neither is there.</summary>
    private static string? Material(YamlMappingNode node, string field, string folder, string path)
    {
        if (Text(node, field + "-data") is { Length: > 0 } data)
        {
            try
            {
                return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException fault)
            {
                throw new KubeConfigException($"{path}: {field}-data is not base64", fault);
            }
        }
        if (Text(node, field) is not { Length: > 0 } file)
            return null;
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{path}: {field}: {fault.Message}", fault);
        }
    }

    private static X509Certificate2Collection ReadAuthorities(string? pem, string place)
    {
        var authorities = new X509Certificate2Collection();
        if (pem is null)
            return authorities;
        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (CryptographicException fault)
        {
            throw new KubeConfigException($"{place}: the certificate authority is not PEM: {fault.Message}", fault);
        }
        return authorities.Count > 0 ? authorities : throw new KubeConfigException($"{place}: the certificate authority holds no certificate");
    }

    private static X509Certificate2? Certificate(YamlMappingNode user, string folder, string path)
    {
        var certificate = Material(user, "client-certificate", folder, path);
        var key = Material(user, "client-key", folder, path);
        if (certificate is null && key is null)
            return null;
        if (certificate is null || key is null)
            throw new KubeConfigException($"{path}: client-certificate and client-key must be given together");
        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw new KubeConfigException($"{path}: client-certificate and client-key do not form a pair: {fault.Message}", fault);
        }
    }
}
