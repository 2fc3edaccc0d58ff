using System.Collections.Immutable;
using System.Net;
using Fairlead.Node.Dns;
using Fairlead.Node.Network;

namespace Fairlead.Node.Tests;

public sealed class PodNamesTests
{
    /// <summary>A reply to <c>www.example.com A</c> with compressed names: an alias to <c>edge.example.com</c>, and two addresses of that.</summary>
    private static readonly byte[] Reply =
    [
        0, 7, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0,
        3, .. "www"u8, 7, .. "example"u8, 3, .. "com"u8, 0, 0, 1, 0, 1,
        0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 7, 4, .. "edge"u8, 0xc0, 16,
        0xc0, 45, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 203, 0, 113, 1,
        0xc0, 45, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 203, 0, 113, 2,
    ];

    private static readonly ServiceCatalog Catalog = new()
    {
        Services = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, ServiceView>
        {
            ["default/web"] = new("default", "web", "10.96.3.4", "", false, [new("http", "TCP", 80)]),
            ["default/out"] = new("default", "out", "", "www.example.com", false, []),
            ["default/in"] = new("default", "in", "", "web.default.svc.cluster.local", false, []),
            ["default/loop"] = new("default", "loop", "", "loop.default.svc.cluster.local", false, []),
        }),
    };

    [Theory]
    [InlineData("out", "alias www.example.com, alias edge.example.com, 203.0.113.1, 203.0.113.2")]
    [InlineData("in", "alias web.default.svc.cluster.local, 10.96.3.4")]
    [InlineData("web", "10.96.3.4")]
    public async Task An_alias_comes_with_the_addresses_of_its_target(string service, string expected) => (await AskAsync(service)).ShouldBe(expected);

    [Fact]
    public async Task An_alias_of_itself_ends() => (await AskAsync("loop")).ShouldStartWith("alias loop.default.svc.cluster.local, alias loop");

    [Fact]
    public void Whatever_bytes_come_reading_them_ends()
    {
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Reply.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            DnsReply.Read(bytes.AsSpan(0, random.Next(bytes.Length + 1))).Records.Count.ShouldBeLessThanOrEqualTo(ushort.MaxValue);
        }
    }

    private static async Task<string> AskAsync(string service)
    {
        byte[] name = [(byte)service.Length, .. System.Text.Encoding.ASCII.GetBytes(service), 7, .. "default"u8, 3, .. "svc"u8, 7, .. "cluster"u8, 5, .. "local"u8, 0];
        var question = DnsQuestion.Read([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name, 0, 1, 0, 1]).ShouldNotBeNull();
        var names = new PodNames(() => Catalog, (asked, _) => Task.FromResult(asked.Name == "www.example.com" ? Reply : throw new InvalidOperationException($"asked for {asked.Name}")));
        var (code, records) = DnsReply.Read(await names.AnswerAsync(question, default));
        code.ShouldBe(DnsCode.Success);
        return string.Join(", ", records.Select(record => record.Type == DnsQuestion.TypeCname ? "alias " + DnsQuestion.ReadName(record.Data) : new IPAddress(record.Data).ToString()));
    }
}
