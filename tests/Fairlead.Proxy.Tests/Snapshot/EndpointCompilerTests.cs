using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Snapshot.Compile;
using Google.Protobuf;

namespace Fairlead.Proxy.Tests.Snapshot;

/// <summary>Endpoints are read one at a time out of the bytes that came; what results must be what the whole message says.</summary>
public sealed class EndpointCompilerTests
{
    [Fact]
    public void Localities_their_traits_and_their_endpoints_are_those_of_the_message()
    {
        var set = Compile("""
            clusterName: a
            policy: {overprovisioningFactor: 200}
            endpoints:
            - priority: 1
              locality: {region: r, zone: z, subZone: s}
              loadBalancingWeight: 7
              lbEndpoints:
              - {endpoint: {hostname: h.example, address: {socketAddress: {address: 203.0.113.1, portValue: 80}}}, loadBalancingWeight: 3, healthStatus: DEGRADED,
                 metadata: {filterMetadata: {istio: {workload: "w;n;c;r;Kubernetes"}}}}
              - {endpoint: {address: {socketAddress: {address: "2001:db8::1", portValue: 81}}}, healthStatus: UNHEALTHY}
            - lbEndpoints:
              - {endpoint: {address: {socketAddress: {address: 203.0.113.3, portValue: 82}}}}
            """);

        set.OverprovisioningFactor.ShouldBe(200);
        set.Localities.Select(locality => (locality.Region, locality.Zone, locality.SubZone, locality.Priority, locality.Weight, locality.Endpoints.Count))
            .ShouldBe([(string.Empty, string.Empty, string.Empty, 0, 0u, 1), ("r", "z", "s", 1, 7u, 2)]);
        set.All.Select(endpoint => (endpoint.Address.ToString(), endpoint.Weight, endpoint.Health, endpoint.IstioWorkload)).ShouldBe(
        [
            ("203.0.113.3:82", 1u, EndpointHealth.Healthy, null),
            ("203.0.113.1:80", 3u, EndpointHealth.Degraded, "w;n;c;r;Kubernetes"),
            ("[2001:db8::1]:81", 1u, EndpointHealth.Unhealthy, null),
        ]);
        set.All[1].Hostname.ShouldBe("h.example"u8.ToArray());
    }

    [Fact]
    public void What_did_not_change_stays_the_same_object()
    {
        var before = Compile("{clusterName: a, endpoints: [{lbEndpoints: [" + Address("203.0.113.1") + ", " + Address("203.0.113.2") + "]}]}");

        var after = EndpointCompiler.Compile(
            TestCompile.Endpoints("{clusterName: a, endpoints: [{lbEndpoints: [" + Address("203.0.113.9") + ", " + Address("203.0.113.2") + "]}]}"), before, "e");

        after.All[1].ShouldBeSameAs(before.All[1]);
        after.All[0].Address.ToString().ShouldBe("203.0.113.9:80");
    }

    /// <summary>Whatever changes in whatever order: the result is that of reading everything, and most of what stayed is the same object.</summary>
    [Fact]
    public void Reading_only_what_changed_gives_what_reading_everything_gives()
    {
        var random = new Random(7);
        var sent = Enumerable.Range(0, 300).Select(_ => Random(random)).ToList();
        EndpointSet? before = null;
        int stayed = 0, kept = 0;
        for (var push = 0; push < 200; push++)
        {
            for (var change = random.Next(6); change > 0; change--)
            {
                var at = random.Next(sent.Count);
                switch (random.Next(4))
                {
                    case 0: sent[at] = Random(random); break;
                    case 1: sent.Insert(at, Random(random)); break;
                    case 2: sent.RemoveRange(at, Math.Min(random.Next(30), sent.Count - at - 1)); break;
                    default: sent.InsertRange(at, Enumerable.Range(0, random.Next(30)).Select(_ => Random(random)).ToArray()); break;
                }
            }
            // Localities move, appear and go, too.
            var yaml = "{clusterName: a, endpoints: [" + string.Join(", ", sent.Chunk(random.Next(10) == 0 ? 97 : 200)
                .Select((part, index) => "{priority: " + ((index + push / 50) % 2) + ", lbEndpoints: [" + string.Join(", ", part) + "]}")) + "]}";
            var resource = TestCompile.Endpoints(yaml);

            var after = EndpointCompiler.Compile(resource, before, "e");

            var whole = EndpointCompiler.Compile(resource, null, "e");
            after.All.Length.ShouldBe(whole.All.Length);
            after.All.Zip(whole.All).ShouldAllBe(pair => pair.First.SameAs(pair.Second));
            after.Localities.Select(locality => (locality.Priority, locality.Endpoints.Count)).ShouldBe(whole.Localities.Select(locality => (locality.Priority, locality.Endpoints.Count)));
            var old = before?.All.ToHashSet() ?? [];
            kept += after.All.Count(old.Contains);
            stayed += before is null ? 0 : after.All.Length - 20;
            before = after;
        }
        kept.ShouldBeGreaterThan(stayed * 2 / 3);
    }

    private static string Random(Random random) => random.Next(3) switch
    {
        0 => Address($"203.0.113.{random.Next(256)}"),
        1 => "{loadBalancingWeight: " + random.Next(1, 5) + ", healthStatus: DRAINING, endpoint: {hostname: h, address: {socketAddress: {address: 198.51.100." + random.Next(256) + ", portValue: 80}}}}",
        _ => "{metadata: {filterMetadata: {istio: {workload: w" + random.Next(9) + "}}}, endpoint: {address: {socketAddress: {address: 198.51.100." + random.Next(256) + ", portValue: 81}}}}",
    };

    [Theory]
    [InlineData("{lbEndpoints: [{endpoint: {address: {socketAddress: {address: 203.0.113.1, portValue: 80}}}}, {endpoint: {address: {socketAddress: {address: nowhere, portValue: 80}}}}]}",
        "e.endpoints[0].lb_endpoints[1].endpoint.address.socket_address.address: 'nowhere' is not an IP address")]
    [InlineData("{lbEndpoints: [{endpointName: x}]}", "e.endpoints[0].lb_endpoints[0]: endpoint_name is not supported: give the endpoint itself")]
    [InlineData("{lbEndpoints: [{loadBalancingWeight: 0, endpoint: {}}]}", "e.endpoints[0].lb_endpoints[0].load_balancing_weight: must be at least 1")]
    [InlineData("{priority: 129}", "e.endpoints[0].priority: 129 is above Envoy's highest, 128")]
    public void A_refusal_names_the_place(string locality, string message) =>
        Should.Throw<ConfigException>(() => Compile("{clusterName: a, endpoints: [" + locality + "]}")).Message.ShouldBe(message);

    [Fact]
    public void A_drop_policy_is_refused() => Should.Throw<ConfigException>(
            () => Compile("{clusterName: a, policy: {dropOverloads: [{category: c, dropPercentage: {numerator: 1}}]}}"))
        .Message.ShouldStartWith("e.policy.drop_overloads: ");

    [Fact]
    public void Bytes_that_are_no_endpoint_are_refused_with_their_place()
    {
        // A locality whose endpoint is cut off inside of its address.
        var endpoint = new LbEndpoint { Endpoint = new Envoy.Config.Endpoint.V3.Endpoint { Address = new Address { SocketAddress = new SocketAddress { Address = "203.0.113.1" } } } };
        var broken = endpoint.ToByteArray()[..^3];
        var locality = Field(2, broken);
        var assignment = new EndpointResource(ByteString.CopyFrom([.. Field(1, "a"u8), .. Field(2, locality)]));

        assignment.Name.ShouldBe("a");
        Should.Throw<ConfigException>(() => EndpointCompiler.Compile(assignment, null, "e")).Message.ShouldStartWith("e.endpoints[0]: is not a valid LocalityLbEndpoints: ");
    }

    [Fact]
    public void Bytes_that_are_no_protobuf_are_refused_at_once() =>
        Should.Throw<FormatException>(() => new EndpointResource(ByteString.CopyFrom([0x12, 0x7f, 0x00])));

    [Fact]
    public void More_endpoints_than_anybody_has_are_refused_before_they_are_read()
    {
        var one = Field(2, []);
        var locality = Enumerable.Range(0, EndpointCompiler.MaxEndpoints + 1).SelectMany(_ => one).ToArray();

        Should.Throw<ConfigException>(() => EndpointCompiler.Compile(new EndpointResource(ByteString.CopyFrom(Field(2, locality))), null, "e"))
            .Message.ShouldBe($"e: more than {EndpointCompiler.MaxEndpoints} endpoints");
    }

    /// <summary>A length-delimited field on the wire.</summary>
    private static byte[] Field(int number, ReadOnlySpan<byte> content)
    {
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(content));
        output.Flush();
        return stream.ToArray();
    }

    private static string Address(string ip) => "{endpoint: {address: {socketAddress: {address: " + ip + ", portValue: 80}}}}";

    private static EndpointSet Compile(string yaml) => EndpointCompiler.Compile(TestCompile.Endpoints(yaml), null, "e");
}
