using System.Security.Cryptography;
using System.Text;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Images;

/// <summary>The images that the samples name, assembled from what this machine has. <paramref name="proxyFolder"/> is the published sidecar.</summary>
internal sealed class ImageRecipes(string proxyFolder)
{
    public const string SearchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const string Certificates = "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt";
    private static readonly string[] Curl = ["/usr/bin/curl"];

    /// <summary>What .NET loads at run time without naming it to the linker.</summary>
    private static readonly string[] RuntimeLibraries = ["libssl.so.3", "libcrypto.so.3", "libz.so.1", "libstdc++.so.6", "libgcc_s.so.1"];


    public ImageRecipe? Find(string repository) => repository switch
    {
        "curlimages/curl" or "curl" => new("curlimages/curl", () => Fingerprint(["/bin/busybox", .. Curl]), AssembleCurlAsync),
        "fairlead/proxy" => new(repository, () => Fingerprint(["/bin/busybox", .. Curl, .. ProxyFiles()]), AssembleProxyAsync),
        "kennethreitz/httpbin" or "kong/httpbin" or "mccutchen/go-httpbin" => new("kennethreitz/httpbin", () => Fingerprint(["/usr/bin/python3", "/usr/bin/gunicorn"]), AssembleHttpbinAsync),
        "nginx" => new(repository, () => Fingerprint(["/usr/sbin/nginx"]), AssembleNginxAsync),
        "busybox" => new(repository, () => Fingerprint(["/bin/busybox"]), AssembleBusyboxAsync),
        _ => null,
    };

    private static async Task AssembleBusyboxAsync(Image image, CancellationToken cancel)
    {
        var files = new RootFileSystem(image.RootFileSystem);
        files.Lay([], []);
        await files.AddBusyboxAsync(cancel).ConfigureAwait(false);
        JsonFile.Write(image.ConfigurationFile, Image.Describe([], ["sh"], [SearchPath], source: "busybox-static"));
    }

    private static async Task AssembleCurlAsync(Image image, CancellationToken cancel)
    {
        var files = new RootFileSystem(image.RootFileSystem);
        files.Lay(["curl_user:x:100:101:curl:/home/curl_user:/bin/sh"], ["curl_group:x:101:"]);
        Directory.CreateDirectory(Path.Combine(image.RootFileSystem, "home/curl_user"));
        await files.AddProgramsAsync(Curl, cancel).ConfigureAwait(false);
        await files.AddBusyboxAsync(cancel).ConfigureAwait(false);
        files.AddCertificates();
        JsonFile.Write(image.ConfigurationFile, Image.Describe(["curl"], ["--help"], [SearchPath, Certificates], user: "100:101", source: "busybox-static, curl, ca-certificates"));
    }

    private async Task AssembleProxyAsync(Image image, CancellationToken cancel)
    {
        const string home = "/usr/local/lib/fairlead-proxy";
        var published = ProxyFiles();
        if (published.Count == 0)
            throw new ImageMissingException($"the sidecar is not built: no fairlead-proxy in {proxyFolder}; run ./fairlead build");
        var files = new RootFileSystem(image.RootFileSystem);
        files.Lay(["istio-proxy:x:1337:1337:sidecar:/var/lib/istio:/bin/sh"], ["istio-proxy:x:1337:"]);
        foreach (var file in published)
            files.Copy(file, Path.Combine(home, Path.GetRelativePath(proxyFolder, file)));
        files.Link("/usr/local/bin/fairlead-proxy", home + "/fairlead-proxy");
        files.Link("/usr/local/bin/pilot-agent", home + "/fairlead-proxy");
        var native = published.Where(file => file.EndsWith(".so", StringComparison.Ordinal) || Path.GetFileName(file) == "fairlead-proxy").ToList();
        var libraries = RuntimeLibraries
            .Select(name => Path.Combine("/usr/lib/x86_64-linux-gnu", name)).Where(File.Exists).ToList();
        await files.AddProgramsAsync([.. libraries, .. Curl], cancel).ConfigureAwait(false);
        foreach (var library in await RootFileSystem.LibrariesOfAsync(native, cancel).ConfigureAwait(false))
            files.Copy(library);
        await files.AddBusyboxAsync(cancel).ConfigureAwait(false);
        files.AddCertificates();
        AddRuntime(files);
        JsonFile.Write(image.ConfigurationFile, Image.Describe(
            ["/usr/local/bin/fairlead-proxy"], [], [SearchPath, Certificates, "DOTNET_ROOT=/usr/share/dotnet", "DOTNET_EnableDiagnostics=0"], user: "1337:1337", source: proxyFolder));
    }

    /// <summary>A framework-dependent build needs the .NET runtime beside it; a self-contained one names none.</summary>
    private void AddRuntime(RootFileSystem files)
    {
        var settings = JsonFile.Read(Path.Combine(proxyFolder, "fairlead-proxy.runtimeconfig.json"))?.Child("runtimeOptions");
        if (settings.Child("framework") is not { } framework)
            return;
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var dotnet = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        files.CopyTree(runtime, $"/usr/share/dotnet/shared/{framework.Text("name")}/{Path.GetFileName(runtime)}");
        files.CopyTree(Path.Combine(dotnet, "host", "fxr"), "/usr/share/dotnet/host/fxr");
    }

    private static async Task AssembleHttpbinAsync(Image image, CancellationToken cancel)
    {
        var files = new RootFileSystem(image.RootFileSystem);
        files.Lay([], []);
        await files.AddPackagesAsync(["python3-httpbin", "gunicorn", "dash"], cancel).ConfigureAwait(false);
        await files.AddBusyboxAsync(cancel).ConfigureAwait(false);
        files.Write("usr/lib/python3/dist-packages/indented_httpbin.py", ["from httpbin import app", "", "app.json.compact = False"]);
        JsonFile.Write(image.ConfigurationFile, Image.Describe(
            ["gunicorn"], ["-b", "0.0.0.0:80", "indented_httpbin:app", "--threads", "16"], [SearchPath, "PYTHONDONTWRITEBYTECODE=1"], source: "python3-httpbin, gunicorn"));
    }

    private static async Task AssembleNginxAsync(Image image, CancellationToken cancel)
    {
        var files = new RootFileSystem(image.RootFileSystem);
        files.Lay(["www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin"], ["www-data:x:33:"]);
        await files.AddPackagesAsync(["nginx"], cancel).ConfigureAwait(false);
        await files.AddBusyboxAsync(cancel).ConfigureAwait(false);
        foreach (var folder in new[] { "var/log/nginx", "var/lib/nginx", "usr/share/nginx/html", "etc/nginx/conf.d" })
            Directory.CreateDirectory(Path.Combine(image.RootFileSystem, folder));
        files.Write("etc/nginx/nginx.conf",
        [
            "user www-data;", "worker_processes auto;", "pid /run/nginx.pid;", "error_log /dev/stderr notice;", "events { worker_connections 1024; }",
            "http {", "  include /etc/nginx/mime.types;", "  default_type application/octet-stream;", "  access_log /dev/stdout;", "  sendfile on;", "  include /etc/nginx/conf.d/*.conf;", "}",
        ]);
        files.Write("etc/nginx/conf.d/default.conf", ["server {", "  listen 80;", "  server_name localhost;", "  location / { root /usr/share/nginx/html; index index.html; }", "}"]);
        files.Write("usr/share/nginx/html/index.html", ["<!DOCTYPE html>", "<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1></body></html>"]);
        JsonFile.Write(image.ConfigurationFile, Image.Describe(["nginx"], ["-g", "daemon off;"], [SearchPath], source: "nginx"));
    }

    private List<string> ProxyFiles() => File.Exists(Path.Combine(proxyFolder, "fairlead-proxy"))
        ? [.. Directory.EnumerateFiles(proxyFolder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Where(file => !file.EndsWith(".pdb", StringComparison.Ordinal) && !file.EndsWith(".xml", StringComparison.Ordinal))]
        : [];

    private static string Fingerprint(IEnumerable<string> files)
    {
        var state = new StringBuilder();
        foreach (var file in files.Select(file => new FileInfo(file)).Where(file => file.Exists))
            state.Append($"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state.ToString())))[..12];
    }
}
