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
        var server = new ServedSubscription(TypeUrl.Cluster, wildcardByDefault: true);
        server.Receive(SubscriptionRequest.From(client.OnConnected(new Node()))).MustAnswer.ShouldBeTrue();
        server.WantsAll.ShouldBeTrue();
        server.OnSent("1", "n1");
        var ack = client.Ack(new DeltaDiscoveryResponse { Nonce = "n1", Resources = { new Resource { Name = "a", Version = "1" } } });
        var outcome = server.Receive(SubscriptionRequest.From(ack));
        (outcome.Kind, outcome.MustAnswer).ShouldBe((RequestKind.Ack, false));
        client.Versions["a"].ShouldBe("1");
        server.AcceptedVersion.ShouldBe("1");
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
        SubscriptionRequest.From(again).Held["a"].ShouldBe("7");
    }

    [Fact]
    public void A_stale_nonce_does_not_stop_a_subscription()
    {
        var server = Endpoints();
        server.Receive(Subscribe("", "a"));
        server.OnSent("1", "n1");
        server.OnSent("2", "n2");
        var outcome = server.Receive(Subscribe("n1", "b"));
        (outcome.Kind, outcome.MustAnswer).ShouldBe((RequestKind.Stale, true));
        outcome.Forced.ShouldBe(["b"]);
        server.Names.ShouldBe(["a", "b"]);
        server.AcceptedVersion.ShouldBeEmpty();
    }

    [Fact]
    public void Asking_for_a_held_name_again_must_be_answered()
    {
        var server = Endpoints();
        server.Receive(Subscribe("", "a"));
        server.OnSent("1", "n1");
        server.Receive(Subscribe("", "a")).Forced.ShouldBe(["a"]);
    }

    [Fact]
    public void What_is_given_up_is_not_wanted_any_more()
    {
        var server = Endpoints();
        server.Receive(Subscribe("", "a", "b"));
        server.Receive(SubscriptionRequest.From(new DeltaDiscoveryRequest { ResourceNamesUnsubscribe = { "a", "never" } })).MustAnswer.ShouldBeFalse();
        server.Names.ShouldBe(["b"]);
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

    private static ServedSubscription Endpoints() => new(TypeUrl.Endpoints, wildcardByDefault: false);

    private static SubscriptionRequest Subscribe(string nonce, params string[] names) =>
        SubscriptionRequest.From(new DeltaDiscoveryRequest { ResponseNonce = nonce, ResourceNamesSubscribe = { names } });
}
