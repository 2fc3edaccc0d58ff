using Fairlead.Xds.Protocol;

namespace Fairlead.Xds.Tests.Protocol;

public sealed class NameSetTests
{
    [Fact]
    public void Equal_sets_are_one_whatever_order_they_come_in()
    {
        var set = NameSet.Of(["b", "a", "c", "a"]);
        NameSet.Of(["c", "b", "a"]).ShouldBeSameAs(set);
        set.Ordered.ShouldBe(["a", "b", "c"]);
        NameSet.Of(["a", "b"]).ShouldNotBeSameAs(set);
        NameSet.Of(["ab", "c"]).ShouldNotBeSameAs(NameSet.Of(["a", "bc"]));
    }

    [Theory]
    [InlineData("a b c", true)]
    [InlineData("c b a", true)]
    [InlineData("a a b c", true)]
    [InlineData("a a b", false)]
    [InlineData("a b", false)]
    [InlineData("a b c d", false)]
    [InlineData("", false)]
    public void A_set_knows_its_names_again(string names, bool holds) =>
        NameSet.Of(["a", "b", "c"]).Holds(names.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ShouldBe(holds);

    [Fact]
    public void Nothing_is_the_empty_set() => NameSet.Of([]).ShouldBeSameAs(NameSet.Empty);

    [Fact]
    public void An_acknowledgement_that_repeats_its_names_changes_nothing()
    {
        const string type = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
        var subscription = new ServedSubscription(type, wildcardByDefault: false);
        subscription.Receive(new SubscriptionRequest { TypeUrl = type, Names = ["b", "a"] }).MustAnswer.ShouldBeTrue();
        var names = subscription.Names;
        subscription.OnSent("1", "n1");
        subscription.Receive(new SubscriptionRequest { TypeUrl = type, Names = ["a", "b"], ResponseNonce = "n1" }).MustAnswer.ShouldBeFalse();
        subscription.Names.ShouldBeSameAs(names);
    }
}
