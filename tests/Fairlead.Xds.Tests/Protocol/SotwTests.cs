using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fairlead.Xds.Names;
using Fairlead.Xds.Protocol;

namespace Fairlead.Xds.Tests.Protocol;

public sealed class SotwTests
{
    private static readonly Node Node = new() { Id = "sidecar~10.0.0.1~a.b~b.svc.cluster.local" };

    [Fact]
    public void A_wildcard_subscription_is_answered_acknowledged_and_quiet()
    {
        var client = new SotwSubscription(TypeUrl.Cluster, isWildcard: true);
        var server = new ServedSubscription(TypeUrl.Cluster, wildcardByDefault: true);
        var first = client.OnConnected(Node);
        first.Node.Id.ShouldBe(Node.Id);
        server.Receive(SubscriptionRequest.From(first)).ShouldBe(new SubscriptionOutcome(RequestKind.Subscribe, true, [], ForceAll: true), Same);
        server.WantsAll.ShouldBeTrue();
        var response = Respond(server, "v1", "n1");
        server.IsOutstanding.ShouldBeTrue();
        server.Receive(SubscriptionRequest.From(client.Ack(response))).ShouldBe(SubscriptionOutcome.None(RequestKind.Ack), Same);
        server.IsOutstanding.ShouldBeFalse();
        server.AcceptedVersion.ShouldBe("v1");
    }

    [Fact]
    public void A_refusal_carries_the_last_good_version_and_the_reason()
    {
        var client = new SotwSubscription(TypeUrl.Listener, isWildcard: true);
        var server = new ServedSubscription(TypeUrl.Listener, wildcardByDefault: true);
        server.Receive(SubscriptionRequest.From(client.OnConnected(Node)));
        server.Receive(SubscriptionRequest.From(client.Ack(Respond(server, "v1", "n1"))));
        var nack = client.Nack(Respond(server, "v2", "n2"), "listener x: bad");
        nack.VersionInfo.ShouldBe("v1");
        nack.ResponseNonce.ShouldBe("n2");
        server.Receive(SubscriptionRequest.From(nack)).Kind.ShouldBe(RequestKind.Nack);
        server.Rejection.ShouldBe("listener x: bad");
        server.AcceptedVersion.ShouldBe("v1");
        server.IsOutstanding.ShouldBeFalse();
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
        var server = Endpoints();
        server.Receive(Named("", "a"));
        server.OnSent("v1", "n1");
        server.OnSent("v2", "n2");
        server.Receive(Named("n1", "a", "b")).ShouldBe(SubscriptionOutcome.None(RequestKind.Stale), Same);
        server.Names.ShouldBe(["a"]);
        server.IsOutstanding.ShouldBeTrue();
    }

    [Fact]
    public void New_names_are_answered_and_named()
    {
        var server = Endpoints();
        server.Receive(Named("", "a")).MustAnswer.ShouldBeTrue();
        server.OnSent("v1", "n1");
        server.Receive(Named("n1", "a", "b")).ShouldBe(new SubscriptionOutcome(RequestKind.Ack, true, ["b"], ForceAll: false), Same);
    }

    [Fact]
    public void Asking_again_for_the_same_names_after_the_acceptance_is_answered_again()
    {
        var client = new SotwSubscription(TypeUrl.Endpoints, isWildcard: false);
        var server = Endpoints();
        client.OnConnected(Node);
        server.Receive(SubscriptionRequest.From(client.Subscribe(["a"])!)).MustAnswer.ShouldBeTrue();
        server.Receive(SubscriptionRequest.From(client.Ack(Respond(server, "v1", "n1")))).MustAnswer.ShouldBeFalse();
        server.Receive(SubscriptionRequest.From(client.Resend())).ShouldBe(new SubscriptionOutcome(RequestKind.Ack, true, [], ForceAll: true), Same);
    }

    [Fact]
    public void The_documents_sequence_of_wildcard_and_names_is_honoured()
    {
        var server = new ServedSubscription(TypeUrl.Cluster, wildcardByDefault: true);
        server.Receive(Named("")).MustAnswer.ShouldBeTrue();
        server.WantsAll.ShouldBeTrue();
        server.OnSent("v1", "n1");
        server.Receive(Named("n1", "*", "A"));
        server.WantsAll.ShouldBeTrue();
        server.Receive(Named("n1", "A"));
        server.WantsAll.ShouldBeFalse();
        server.Wants("A").ShouldBeTrue();
        server.Wants("B").ShouldBeFalse();
        server.Receive(Named("n1"));
        server.WantsAnything.ShouldBeFalse();
    }

    /// <summary>Outcomes hold collections: compared by what is in them.</summary>
    private static IEqualityComparer<SubscriptionOutcome> Same { get; } = EqualityComparer<SubscriptionOutcome>.Create(
        (one, other) => one!.Kind == other!.Kind && one.MustAnswer == other.MustAnswer && one.ForceAll == other.ForceAll && one.Forced.SequenceEqual(other.Forced));

    private static ServedSubscription Endpoints() => new(TypeUrl.Endpoints, wildcardByDefault: false);

    private static DiscoveryResponse Respond(ServedSubscription server, string version, string nonce)
    {
        server.OnSent(version, nonce);
        return new DiscoveryResponse { TypeUrl = server.TypeUrl, VersionInfo = version, Nonce = nonce };
    }

    private static SubscriptionRequest Named(string nonce, params string[] names) =>
        SubscriptionRequest.From(new DiscoveryRequest { ResponseNonce = nonce, ResourceNames = { names } });
}
