using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fairlead.Xds.Names;
using Fairlead.Xds.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Xds.Tests.Protocol;

public sealed class SotwTests
{
    private static readonly Node Node = new() { Id = "sidecar~10.0.0.1~a.b~b.svc.cluster.local" };

    [Fact]
    public void A_wildcard_subscription_is_answered_acknowledged_and_quiet()
    {
        var client = new SotwSubscription(TypeUrl.Cluster, isWildcard: true);
        var server = new SotwServerState(TypeUrl.Cluster);
        var first = client.OnConnected(Node);
        first.Node.Id.ShouldBe(Node.Id);
        server.OnRequest(first).ShouldBe(RequestMeaning.Initial);
        server.IsWildcard.ShouldBeTrue();
        var response = server.Respond("v1", "n1", [new Any()]);
        server.IsAwaitingAnswer.ShouldBeTrue();
        server.OnRequest(client.Ack(response)).ShouldBe(RequestMeaning.Ack);
        server.IsAwaitingAnswer.ShouldBeFalse();
        server.VersionAcked.ShouldBe("v1");
    }

    [Fact]
    public void A_refusal_carries_the_last_good_version_and_the_reason()
    {
        var client = new SotwSubscription(TypeUrl.Listener, isWildcard: true);
        var server = new SotwServerState(TypeUrl.Listener);
        server.OnRequest(client.OnConnected(Node));
        server.OnRequest(client.Ack(server.Respond("v1", "n1", [])));
        var nack = client.Nack(server.Respond("v2", "n2", []), "listener x: bad");
        nack.VersionInfo.ShouldBe("v1");
        nack.ResponseNonce.ShouldBe("n2");
        server.OnRequest(nack).ShouldBe(RequestMeaning.Nack);
        server.Error.ShouldBe("listener x: bad");
        server.VersionAcked.ShouldBe("v1");
        server.IsAwaitingAnswer.ShouldBeFalse();
        client.Version.ShouldBe("v1");
    }

    [Fact]
    public void The_version_survives_a_reconnect_and_the_nonce_does_not()
    {
        var client = new SotwSubscription(TypeUrl.Cluster, isWildcard: true);
        client.OnConnected(Node);
        client.Ack(new DiscoveryResponse { VersionInfo = "v7", Nonce = "n" });
        client.OnDisconnected();
        var again = client.OnConnected(Node);
        again.VersionInfo.ShouldBe("v7");
        again.ResponseNonce.ShouldBeEmpty();
    }

    [Fact]
    public void A_stale_nonce_changes_nothing()
    {
        var server = new SotwServerState(TypeUrl.Endpoints);
        server.OnRequest(Named("", "a"));
        server.Respond("v1", "n1", []);
        server.Respond("v2", "n2", []);
        server.OnRequest(Named("n1", "a", "b")).ShouldBe(RequestMeaning.Stale);
        server.Names.ShouldBe(["a"]);
    }

    [Fact]
    public void New_names_are_answered_and_named()
    {
        var server = new SotwServerState(TypeUrl.Endpoints);
        server.OnRequest(Named("", "a")).ShouldBe(RequestMeaning.Initial);
        server.Respond("v1", "n1", []);
        server.OnRequest(Named("n1", "a", "b")).ShouldBe(RequestMeaning.SubscriptionChanged);
        server.AddedNames.ShouldBe(["b"]);
    }

    [Fact]
    public void Asking_again_for_the_same_names_after_the_acceptance_is_answered_again()
    {
        var client = new SotwSubscription(TypeUrl.Endpoints, isWildcard: false);
        var server = new SotwServerState(TypeUrl.Endpoints);
        client.OnConnected(Node);
        server.OnRequest(client.Subscribe(["a"])!).ShouldBe(RequestMeaning.Initial);
        server.OnRequest(client.Ack(server.Respond("v1", "n1", []))).ShouldBe(RequestMeaning.Ack);
        server.OnRequest(client.Resend()).ShouldBe(RequestMeaning.Initial);
    }

    [Fact]
    public void The_documents_sequence_of_wildcard_and_names_is_honoured()
    {
        var server = new SotwServerState(TypeUrl.Cluster);
        server.OnRequest(Named("")).ShouldBe(RequestMeaning.Initial);
        server.IsWildcard.ShouldBeTrue();
        server.Respond("v1", "n1", []);
        server.OnRequest(Named("n1", "*", "A")).ShouldBe(RequestMeaning.SubscriptionChanged);
        server.IsWildcard.ShouldBeTrue();
        server.OnRequest(Named("n1", "A")).ShouldBe(RequestMeaning.SubscriptionChanged);
        server.IsWildcard.ShouldBeFalse();
        server.Wants("B").ShouldBeFalse();
        server.OnRequest(Named("n1")).ShouldBe(RequestMeaning.Unsubscribed);
        server.IsSubscribed.ShouldBeFalse();
    }

    private static DiscoveryRequest Named(string nonce, params string[] names)
    {
        var request = new DiscoveryRequest { ResponseNonce = nonce };
        request.ResourceNames.Add(names);
        return request;
    }
}
