using System.Text;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Telemetry;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Tests.Telemetry;

/// <summary>What a worker remembers of peers is bounded, whatever they send, and one workload stays one.</summary>
public sealed class PeerTableTests
{
    private readonly PeerTable _peers = new(BytesComparer.Instance);

    [Fact]
    public void A_workload_is_the_same_however_often_its_spelling_was_forgotten()
    {
        var first = _peers.Read(Headers("w0", "a"))!;
        var endpoint = _peers.OfMetadata("w;n;c;r;k")!;
        for (var i = 0; i < (2 * PeerTable.Capacity) + 10; i++)
        {
            _peers.Read(Headers("w0", $"spelling {i}")).ShouldBeSameAs(first);
            _peers.OfMetadata($"w;n;c;r;k;{i}").ShouldBeSameAs(endpoint);
        }
        endpoint.ShouldBe(new PeerWorkload(2, "w", "n", "c", "r", "k"));
    }

    [Fact]
    public void Beyond_the_limit_a_new_one_stays_unknown_and_known_ones_known()
    {
        for (var i = 0; i < PeerTable.MaxWorkloads; i++) _peers.OfMetadata($"w{i};n;c;r;k").ShouldNotBeNull();

        _peers.OfMetadata("one more;n;c;r;k").ShouldBeNull();
        _peers.Read(Headers("one more", "a")).ShouldBeNull();
        _peers.OfMetadata("w7;n;c;r;k")!.Name.ShouldBe("w7");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("aGVsbG8=")] // no Struct
    public void What_cannot_be_read_is_nobody(string value)
    {
        var headers = new HeaderBlock();
        headers.Add("x-envoy-peer-metadata"u8, Encoding.ASCII.GetBytes(value));
        for (var i = 0; i < 2; i++) _peers.Read(headers).ShouldBeNull();
    }

    private static HeaderBlock Headers(string workload, string other)
    {
        var node = new Struct { Fields = { ["WORKLOAD_NAME"] = Value.ForString(workload), ["NAME"] = Value.ForString(other) } };
        var headers = new HeaderBlock();
        headers.Add("x-envoy-peer-metadata"u8, Encoding.ASCII.GetBytes(Convert.ToBase64String(node.ToByteArray())));
        return headers;
    }
}
