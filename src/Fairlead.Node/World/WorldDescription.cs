using System.Net;
using System.Net.Sockets;
using Fairlead.Config.Primitives;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Fairlead.Node.World;

/// <summary>A world file: hosts with their addresses and what answers there. Unknown fields are errors with their line.</summary>
internal sealed class WorldDescription
{
    private static readonly string[] Servers = ["pages", "httpbin", "tcp-echo", "websocket-echo"];

    /// <summary>Documentation blocks (RFC 5737) and the benchmarking block (RFC 2544): addresses that are nobody's.</summary>
    private static readonly Cidr[] AllowedBlocks = [.. new[] { "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15" }.Select(text => Cidr.TryParse(text, out var block) ? block : default)];

    public List<WorldHost> Hosts { get; set; } = [];

    /// <summary>The folder that the file's own paths start from.</summary>
    [YamlIgnore]
    public string Folder { get; private set; } = "";

    [YamlIgnore]
    public string Path { get; private set; } = "";

    /// <exception cref="WorldException">The file is missing or wrong; the message names the place and the remedy.</exception>
    public static WorldDescription Load(string path)
    {
        if (!File.Exists(path))
            throw new WorldException($"{path}: no such file; write one as samples/external/world.yaml");
        WorldDescription world;
        try
        {
            world = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build().Deserialize<WorldDescription?>(File.ReadAllText(path)) ?? new();
        }
        catch (YamlException wrong)
        {
            throw new WorldException($"{path}:{wrong.Start.Line}:{wrong.Start.Column}: {wrong.InnerException?.Message ?? wrong.Message}");
        }
        world.Path = System.IO.Path.GetFullPath(path);
        world.Folder = System.IO.Path.GetDirectoryName(world.Path)!;
        world.Check(path);
        return world;
    }

    public IEnumerable<IPAddress> Addresses => Hosts.SelectMany(host => host.Addresses).Distinct().Select(IPAddress.Parse);

    private void Check(string path)
    {
        for (var i = 0; i < Hosts.Count; i++)
        {
            var host = Hosts[i];
            var place = $"{path}: hosts[{i}]";
            if (host.Names.Count == 0)
                throw new WorldException($"{place}.names: at least one host name is required");
            if (host.Addresses.Count == 0)
                throw new WorldException($"{place}.addresses: at least one address is required");
            foreach (var address in host.Addresses)
            {
                if (!IPAddress.TryParse(address, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetwork || !AllowedBlocks.Any(block => block.Contains(parsed)))
                    throw new WorldException($"{place}.addresses: '{address}' is no documentation address; use 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 or 198.18.0.0/15");
            }
            if (!Servers.Contains(host.Server))
                throw new WorldException($"{place}.server: '{host.Server}' is not one of {string.Join(", ", Servers)}");
            foreach (var file in host.Pages.SelectMany(page => new[] { page.File, page.HeadFile }).Where(file => file.Length > 0 && !File.Exists(System.IO.Path.Combine(Folder, file))))
                throw new WorldException($"{place}.pages: file '{file}' is not there (looked in {Folder})");
        }
    }
}

/// <summary>One host of the world.</summary>
internal sealed class WorldHost
{
    public List<string> Names { get; set; } = [];

    /// <summary>IPv4; a name server hands them out in turn.</summary>
    public List<string> Addresses { get; set; } = [];

    public string Server { get; set; } = "pages";

    /// <summary>Port of the plain server; TLS is on 443 beside it.</summary>
    public int Port { get; set; } = 80;

    public bool Tls { get; set; } = true;
    public List<WorldPage> Pages { get; set; } = [];
}

/// <summary>One page: its path, and the file or the text that it holds.</summary>
internal sealed class WorldPage
{
    public string Path { get; set; } = "/";
    public string File { get; set; } = "";

    /// <summary>What a HEAD request is answered with, where that differs.</summary>
    public string HeadFile { get; set; } = "";

    public string Text { get; set; } = "";
    public string ContentType { get; set; } = "text/html";

    /// <summary>RFC 3339 time of the file's last change, which shows in Last-Modified and ETag.</summary>
    public string LastModified { get; set; } = "";

    public Dictionary<string, string> Headers { get; set; } = [];
}
