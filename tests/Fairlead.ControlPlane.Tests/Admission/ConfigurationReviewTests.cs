using Fairlead.Config.Analysis;
using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Admission;
using Fairlead.ControlPlane.Ingest;
using static Fairlead.ControlPlane.Tests.Manifests;

namespace Fairlead.ControlPlane.Tests.Admission;

/// <summary>What kubectl is told at apply time: refusals, and warnings about what would not do what it says.</summary>
public sealed class ConfigurationReviewTests
{
    private static readonly ObservedDestination Called = new("www.baidu.com", "default/sleep", 2);
    private static readonly ResourceView WithBaidu = ResourceView.Empty.With(KindTable.ServiceEntry, Entry("baidu", "baidu.com"));

    [Fact]
    public void An_entry_that_misses_what_is_called_is_allowed_with_a_warning_that_names_it()
    {
        var answer = ConfigurationReview.Of(Entry("baidu", "baidu.com"), ResourceView.Empty, [Called]);

        answer.Allowed.ShouldBeTrue();
        var warning = answer.Warnings.ShouldHaveSingleItem();
        warning.ShouldContain("default/sleep called www.baidu.com 2 times; this entry declares baidu.com");
        warning.ShouldEndWith("add www.baidu.com to spec.hosts [FL0001]");
    }

    [Theory]
    [InlineData("www.baidu.com")]
    [InlineData("example.com")]
    public void An_entry_that_misses_nothing_has_no_warning(string host) =>
        ConfigurationReview.Of(Entry("it", host), ResourceView.Empty, [Called]).Warnings.ShouldBeEmpty();

    [Fact]
    public void A_field_that_does_not_act_is_warned_of_by_its_path()
    {
        var rule = Istio("VirtualService", "vs", "{hosts: [baidu.com], http: [{route: [{destination: {host: baidu.com}}], mirrors: [{destination: {host: baidu.com}}]}]}");

        ConfigurationReview.Of(rule, WithBaidu, []).Warnings.ShouldHaveSingleItem()
            .ShouldBe("spec.http[0].mirrors: accepted and not acted on yet: requests are not mirrored; do not rely on it; remove it to silence this [FL0012]");
    }

    [Fact]
    public void What_the_status_said_of_the_object_before_is_not_held_against_it()
    {
        var entry = Istio("ServiceEntry", "a", "{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}",
            "{conditions: [{type: Programmed, status: 'False', reason: RejectedByProxies, message: once}]}");

        ConfigurationReview.Of(entry, ResourceView.Empty, []).Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void An_invalid_object_is_refused_with_all_that_is_wrong()
    {
        var entry = Istio("ServiceEntry", "a", "{hosts: ['a b'], ports: [{number: 0, name: http, protocol: HTTP}]}");
        var answer = ConfigurationReview.Of(entry, ResourceView.Empty, []);

        answer.Allowed.ShouldBeFalse();
        answer.Message.ShouldStartWith("configuration is invalid: ");
        answer.Message.ShouldContain("spec.hosts[0]");
        answer.Message.ShouldContain("spec.ports[0].number");
    }

    [Fact]
    public void Warnings_are_ten_and_then_counted()
    {
        var calls = Enumerable.Range(1, 12).Select(number => new ObservedDestination($"w{number}.baidu.com", "default/sleep", 1)).ToList();
        var answer = ConfigurationReview.Of(Entry("baidu", "baidu.com"), ResourceView.Empty, calls);

        answer.Warnings.Count.ShouldBe(11);
        answer.Warnings[^1].ShouldBe("2 more: fairlead analyze -n default");
    }

    [Fact]
    public void Without_a_mesh_to_compare_with_the_object_is_judged_alone_and_that_is_said()
    {
        ConfigurationReview.WithoutMesh(Entry("baidu", "baidu.com"), "not compared").Warnings.ShouldBe(["not compared"]);
        ConfigurationReview.WithoutMesh(Istio("ServiceEntry", "a", "{}"), "not compared").Allowed.ShouldBeFalse();
    }
}
