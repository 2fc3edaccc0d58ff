using System.Text;
using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Listeners;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Listeners;

public sealed class FilterChainMatcherTests
{
    private static readonly NetworkFilterConfig Terminal = new DirectResponseConfig([]);

    private static FilterChainMatch.AddressPrefix Prefix(string address, int length) =>
        new(IpEndpoint.From(System.Net.IPAddress.Parse(address), 0), length);

    private static FilterChainMatch.ServerNamePattern Name(string text) =>
        text.StartsWith('*') ? new(Encoding.ASCII.GetBytes(text[1..]), true) : new(Encoding.ASCII.GetBytes(text), false);

    private static string? Select(
        IEnumerable<(string Name, FilterChainMatch Match)> chains, string local = "203.0.113.1:443", string remote = "198.51.100.7:5000",
        string? sni = null, bool tls = false, string[]? alpn = null)
    {
        var mesh = new TestMesh();
        IpEndpoint.TryParse(local, out var localAddress).ShouldBeTrue();
        IpEndpoint.TryParse(remote, out var remoteAddress).ShouldBeTrue();
        var listener = mesh.Listener("l", RunningProxy.AnyPort, Terminal, chains: [.. chains.Select(chain => TestMesh.Chain(chain.Name, Terminal, chain.Match))]);
        var connection = new ConnectionInfo
        {
            Id = 1, Remote = remoteAddress, DirectLocal = localAddress, Local = localAddress, Listener = listener, AcceptedTimestamp = 0, IsTls = tls,
            ServerName = sni is null ? null : Encoding.ASCII.GetBytes(sni), ApplicationProtocols = alpn ?? [],
        };
        return FilterChainMatcher.Select(listener, connection)?.Name;
    }

    [Fact]
    public void Destination_port_comes_before_everything_else()
    {
        (string, FilterChainMatch)[] chains =
        [
            ("port", new FilterChainMatch { DestinationPort = 443 }),
            ("prefix", new FilterChainMatch { DestinationPrefixes = [Prefix("203.0.113.1", 32)] }),
        ];

        Select(chains).ShouldBe("port");
        Select(chains, local: "203.0.113.1:80").ShouldBe("prefix");
    }

    [Fact]
    public void There_is_no_way_back_after_a_step()
    {
        // The chain for port 443 wins step 1 and then fails on the server name: the general chain is already out.
        (string, FilterChainMatch)[] chains =
        [
            ("port-and-name", new FilterChainMatch { DestinationPort = 443, ServerNames = [Name("a.example")] }),
            ("general", FilterChainMatch.Any),
        ];

        Select(chains, sni: "b.example").ShouldBeNull();
        Select(chains, sni: "a.example").ShouldBe("port-and-name");
        Select(chains, local: "203.0.113.1:80").ShouldBe("general");
    }

    [Fact]
    public void The_longest_prefix_wins()
    {
        (string, FilterChainMatch)[] chains =
        [
            ("8", new FilterChainMatch { DestinationPrefixes = [Prefix("203.0.0.0", 8)] }),
            ("24", new FilterChainMatch { DestinationPrefixes = [Prefix("203.0.113.0", 24)] }),
            ("any", FilterChainMatch.Any),
        ];

        Select(chains).ShouldBe("24");
        Select(chains, local: "203.1.1.1:1").ShouldBe("8");
        Select(chains, local: "10.0.0.1:1").ShouldBe("any");
    }

    [Fact]
    public void Server_names_match_exactly_then_by_the_longest_suffix()
    {
        (string, FilterChainMatch)[] chains =
        [
            ("exact", new FilterChainMatch { ServerNames = [Name("a.b.example")] }),
            ("long", new FilterChainMatch { ServerNames = [Name("*.b.example")] }),
            ("short", new FilterChainMatch { ServerNames = [Name("*.example")] }),
            ("none", FilterChainMatch.Any),
        ];

        Select(chains, sni: "a.b.example").ShouldBe("exact");
        Select(chains, sni: "x.b.example").ShouldBe("long");
        Select(chains, sni: "x.y.example").ShouldBe("short");
        Select(chains, sni: "example").ShouldBe("none");
        Select(chains).ShouldBe("none");
    }

    [Fact]
    public void Transport_and_application_protocols_follow()
    {
        (string, FilterChainMatch)[] chains =
        [
            ("tls", new FilterChainMatch { TransportProtocol = "tls" }),
            ("http", new FilterChainMatch { TransportProtocol = "raw_buffer", ApplicationProtocols = ["http/1.1", "h2c"] }),
            ("raw", new FilterChainMatch { TransportProtocol = "raw_buffer" }),
        ];

        Select(chains, tls: true).ShouldBe("tls");
        Select(chains, alpn: ["http/1.1"]).ShouldBe("http");
        Select(chains).ShouldBe("raw");
    }

    [Fact]
    public void Sources_come_last()
    {
        (string, FilterChainMatch)[] chains =
        [
            ("local", new FilterChainMatch { SourceType = FilterChainMatch.SourceKind.SameIpOrLoopback }),
            ("net-port", new FilterChainMatch { SourcePrefixes = [Prefix("198.51.100.0", 24)], SourcePorts = [5000] }),
            ("net", new FilterChainMatch { SourcePrefixes = [Prefix("198.51.100.0", 24)] }),
            ("any", FilterChainMatch.Any),
        ];

        Select(chains, remote: "127.0.0.1:9").ShouldBe("local");
        Select(chains, remote: "203.0.113.1:9").ShouldBe("local");
        Select(chains).ShouldBe("net-port");
        Select(chains, remote: "198.51.100.7:5001").ShouldBe("net");
        Select(chains, remote: "192.0.2.1:1").ShouldBe("any");
    }
}
