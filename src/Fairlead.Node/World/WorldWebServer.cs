using System.Globalization;
using System.Text;

namespace Fairlead.Node.World;

/// <summary>A world's hosts → one nginx configuration, with its pages laid out in a folder.</summary>
internal sealed class WorldWebServer(WorldDescription world, WorldCertificates certificates, string folder)
{
    public string ConfigurationPath => Path.Combine(folder, "nginx.conf");

    public string PidPath => Path.Combine(folder, "nginx.pid");

    /// <summary>Writes everything that nginx reads; the text of the configuration tells whether a running one is still right.</summary>
    public string Write()
    {
        var text = new StringBuilder($$"""
            user root;
            worker_processes 2;
            pid {{PidPath}};
            error_log {{folder}}/error.log warn;
            events { worker_connections 4096; }
            http {
              types { text/html html; }
              default_type text/html;
              access_log off;
              server_tokens off;
              keepalive_timeout 65;
              keepalive_requests 100000;
              client_body_temp_path {{folder}}/tmp;
              proxy_temp_path {{folder}}/tmp;
              fastcgi_temp_path {{folder}}/tmp;
              uwsgi_temp_path {{folder}}/tmp;
              scgi_temp_path {{folder}}/tmp;

            """);
        for (var i = 0; i < world.Hosts.Count; i++)
        {
            var host = world.Hosts[i];
            if (host.Server == "pages")
                Server(text, host, i, Pages(host, i));
            else if (host.Server == "httpbin" && host.Tls)
                Server(text, host, i, $"    location / {{ proxy_pass http://{host.Addresses[0]}:{host.Port}; proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Connection \"\"; proxy_pass_header Server; }}\n");
        }
        text.Append("}\n");
        File.WriteAllText(ConfigurationPath, text.ToString());
        return text.ToString();
    }

    private void Server(StringBuilder text, WorldHost host, int index, string locations)
    {
        text.Append("  server {\n");
        foreach (var address in host.Addresses)
        {
            if (host.Server == "pages")
                text.Append($"    listen {address}:{host.Port};\n");
            if (host.Tls)
                text.Append($"    listen {address}:443 ssl http2;\n");
        }
        text.Append($"    server_name {string.Join(' ', host.Names)};\n    root {folder}/pages/{index};\n");
        if (host.Tls)
        {
            var (certificate, key) = certificates.For(host);
            text.Append($"    ssl_certificate {certificate};\n    ssl_certificate_key {key};\n");
        }
        text.Append(locations).Append("  }\n");
    }

    private string Pages(WorldHost host, int index)
    {
        var pages = Path.Combine(folder, "pages", index.ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(pages);
        var text = new StringBuilder();
        for (var i = 0; i < host.Pages.Count; i++)
        {
            var page = host.Pages[i];
            var file = Lay(page, page.File, Path.Combine(pages, $"{i}.body"));
            text.Append($"    location = {page.Path} {{\n");
            foreach (var (name, value) in page.Headers)
                text.Append($"      add_header {name} \"{value}\" always;\n");
            if (page.HeadFile.Length > 0)
                text.Append($"      if ($request_method = HEAD) {{ rewrite ^ /{Lay(page, page.HeadFile, Path.Combine(pages, $"{i}.head"))} break; }}\n");
            text.Append($"      types {{ }} default_type {page.ContentType};\n      rewrite ^ /{file} break;\n    }}\n");
        }
        // Apache's own form of "not found", 201 bytes for /aaa.
        text.Append("    error_page 404 @missing;\n    location @missing {\n      default_type \"text/html; charset=iso-8859-1\";\n      return 404 '<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL $request_uri was not found on this server.</p>\n</body></html>\n';\n    }\n");
        return text.ToString();
    }

    private string Lay(WorldPage page, string source, string target)
    {
        if (source.Length > 0)
            File.Copy(Path.Combine(world.Folder, source), target, overwrite: true);
        else
            File.WriteAllText(target, page.Text);
        if (DateTimeOffset.TryParse(page.LastModified, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
            File.SetLastWriteTimeUtc(target, moment.UtcDateTime);
        File.SetUnixFileMode(target, (UnixFileMode)0b110_100_100);
        return Path.GetFileName(target);
    }
}
