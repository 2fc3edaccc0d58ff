using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fairlead.Xds.Names;
using Fairlead.Xds.Protocol;

namespace Fairlead.Xds.Tests.Protocol;

public sealed class DeltaTests
{
    [Fact]
    public void A_first_request_without_names_is_the_wildcard()
    {
        var client = new DeltaSubscription(TypeUrl.Cluster, isWildcard: true);
        var server = new DeltaServerState(TypeUrl.Cluster);
        server.OnRequest(client.OnConnected(new Node())).ShouldBe(RequestMeaning.Initial);
        server.IsWildcard.ShouldBeTrue();
        var response = server.Respond("1", "n1", [new Resource { Name = "a", Version = "1" }], []);
        server.OnRequest(client.Ack(response)).ShouldBe(RequestMeaning.Ack);
        client.Versions["a"].ShouldBe("1");
        server.VersionHeld("a").ShouldBe("1");
    }

    [Fact]
    public void A_reconnect_says_what_is_held_so_that_only_changes_come()
    {
        var client = new DeltaSubscription(TypeUrl.Cluster, isWildcard: true);
        client.OnConnected(new Node());
        client.Ack(new DeltaDiscoveryResponse { Nonce = "n", Resources = { new Resource { Name = "a", Version = "7" } } });
        client.OnDisconnected();
        var again = client.OnConnected(new Node());
        again.InitialResourceVersions["a"].ShouldBe("7");
        var server = new DeltaServerState(TypeUrl.Cluster);
        server.OnRequest(again);
        server.VersionHeld("a").ShouldBe("7");
    }

    [Fact]
    public void A_stale_nonce_does_not_stop_a_subscription()
    {
        var server = new DeltaServerState(TypeUrl.Endpoints);
        server.OnRequest(new DeltaDiscoveryRequest { ResourceNamesSubscribe = { "a" } });
        server.Respond("1", "n1", [], []);
        server.Respond("2", "n2", [], []);
        server.OnRequest(new DeltaDiscoveryRequest { ResponseNonce = "n1", ResourceNamesSubscribe = { "b" } })
            .ShouldBe(RequestMeaning.SubscriptionChanged);
        server.Names.ShouldBe(["a", "b"], ignoreOrder: true);
        server.NonceAcked.ShouldBeEmpty();
    }

    [Fact]
    public void Asking_for_a_held_name_again_must_be_answered()
    {
        var server = new DeltaServerState(TypeUrl.Endpoints);
        server.OnRequest(new DeltaDiscoveryRequest { ResourceNamesSubscribe = { "a" } });
        server.Respond("1", "n1", [new Resource { Name = "a", Version = "1" }], []);
        server.OnRequest(new DeltaDiscoveryRequest { ResourceNamesSubscribe = { "a" } }).ShouldBe(RequestMeaning.SubscriptionChanged);
        server.AddedNames.ShouldBe(["a"]);
    }

    [Fact]
    public void Only_the_difference_of_names_is_sent()
    {
        var client = new DeltaSubscription(TypeUrl.Endpoints, isWildcard: false);
        client.OnConnected(new Node());
        client.Subscribe(["a", "b"]);
        var request = client.Subscribe(["b", "c"])!;
        request.ResourceNamesSubscribe.ShouldBe(["c"]);
        request.ResourceNamesUnsubscribe.ShouldBe(["a"]);
        client.Subscribe(["b", "c"]).ShouldBeNull();
    }

    [Fact]
    public void A_refusal_holds_the_good_resources()
    {
        var client = new DeltaSubscription(TypeUrl.Cluster, isWildcard: true);
        client.OnConnected(new Node());
        var response = new DeltaDiscoveryResponse
        {
            Nonce = "n",
            Resources = { new Resource { Name = "good", Version = "1" }, new Resource { Name = "bad", Version = "1" } },
        };
        var nack = client.Nack(response, new HashSet<string> { "bad" }, "bad: no");
        nack.ErrorDetail.Message.ShouldBe("bad: no");
        client.Versions.Keys.ShouldBe(["good"]);
    }
}
