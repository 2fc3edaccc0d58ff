using System.Net;
using Fairlead.Proxy.Dns;
using FsCheck;
using FsCheck.Fluent;

namespace Fairlead.Proxy.Tests.Dns;

public sealed class DnsMessageTests
{
    [Fact]
    public void A_response_through_a_cname_gives_addresses_and_the_smallest_ttl()
    {
        var message = new DnsMessageBuilder(7, "www.example.com", DnsRecordType.A)
            .Cname("www.example.com", "web.example.net", 300)
            .Address("web.example.net", "203.0.113.5", 60)
            .Address("web.example.net", "203.0.113.6", 120)
            .Build();
        var response = DnsMessage.ReadResponse(message, 7, "www.example.com", DnsRecordType.A)!;
        response.Addresses.ShouldBe([IPAddress.Parse("203.0.113.5"), IPAddress.Parse("203.0.113.6")]);
        response.TimeToLive.ShouldBe(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Records_of_other_names_are_not_taken()
    {
        var message = new DnsMessageBuilder(7, "a.example", DnsRecordType.A).Address("evil.example", "198.51.100.1", 60).Build();
        DnsMessage.ReadResponse(message, 7, "a.example", DnsRecordType.A)!.Addresses.ShouldBeEmpty();
    }

    [Fact]
    public void A_response_to_another_question_is_none()
    {
        var message = new DnsMessageBuilder(7, "a.example", DnsRecordType.A).Address("a.example", "203.0.113.5", 60).Build();
        DnsMessage.ReadResponse(message, 8, "a.example", DnsRecordType.A).ShouldBeNull();
        DnsMessage.ReadResponse(message, 7, "b.example", DnsRecordType.A).ShouldBeNull();
        DnsMessage.ReadResponse(message, 7, "a.example", DnsRecordType.Aaaa).ShouldBeNull();
        DnsMessage.ReadResponse(message, 7, "A.EXAMPLE.", DnsRecordType.A).ShouldNotBeNull();
    }

    [Fact]
    public void Names_that_cannot_be_written_are_refused()
    {
        var buffer = new byte[DnsMessage.MaxQueryBytes];
        DnsMessage.TryWriteQuery(1, "a..b", DnsRecordType.A, buffer, out _).ShouldBeFalse();
        DnsMessage.TryWriteQuery(1, new string('a', 64), DnsRecordType.A, buffer, out _).ShouldBeFalse();
        DnsMessage.TryWriteQuery(1, string.Join('.', Enumerable.Repeat("abcdefgh", 40)), DnsRecordType.A, buffer, out _).ShouldBeFalse();
        DnsMessage.TryWriteQuery(1, "a.example", DnsRecordType.A, buffer, out var length).ShouldBeTrue();
        length.ShouldBe(12 + 11 + 4 + 11);
    }

    [Fact]
    public void A_loop_of_pointers_is_malformed()
    {
        byte[] message = [0, 7, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1];
        DnsMessage.ReadResponse(message, 7, "a", DnsRecordType.A).ShouldBeNull();
    }

    [Fact]
    public void No_bytes_make_the_reader_crash() => Check.QuickThrowOnFailure(Prop.ForAll<byte[], int>((noise, cut) =>
    {
        var message = new DnsMessageBuilder(7, "a.example", DnsRecordType.A).Cname("a.example", "b.example", 5).Address("b.example", "203.0.113.5", 60).Build();
        for (var i = 0; i < (noise?.Length ?? 0); i++) message[(12 + (i * 7)) % message.Length] ^= noise![i];
        var length = Math.Abs(cut % (message.Length + 1));
        _ = DnsMessage.ReadResponse(message.AsSpan(0, length), 7, "a.example", DnsRecordType.A);
        return DnsMessage.ReadResponse(noise ?? [], 7, "a.example", DnsRecordType.A) is null;
    }));

    [Fact]
    public void Resolv_conf_and_its_search_list_are_followed()
    {
        var settings = ResolverSettings.Parse("# pods\nnameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5 timeout:2\n");
        settings.Servers.ShouldBe([new IPEndPoint(IPAddress.Parse("10.96.0.10"), 53)]);
        settings.Timeout.ShouldBe(TimeSpan.FromSeconds(2));
        settings.Candidates("httpbin.org").ShouldBe(
            ["httpbin.org.default.svc.cluster.local", "httpbin.org.svc.cluster.local", "httpbin.org.cluster.local", "httpbin.org"]);
        settings.Candidates("httpbin.org.").ShouldBe(["httpbin.org"]);
        (settings with { Ndots = 1 }).Candidates("httpbin.org").First().ShouldBe("httpbin.org");
    }
}
