using System.Collections.Immutable;
using System.Net;
using Fairlead.Node.Dns;
using Fairlead.Node.Network;

namespace Fairlead.Node.Tests;

public sealed class ClusterNamesTests
{
    private static readonly ServiceCatalog Catalog = new()
    {
        Services = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, ServiceView>
        {
            ["default/web"] = new("default", "web", "10.96.3.4", "", false, [new("http", "TCP", 80)]),
            ["default/db"] = new("default", "db", "", "", false, [new("sql", "TCP", 5432)]),
        }),
        Slices = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, SliceView>
        {
            ["default/db-1"] = new("default", "db", [new("sql", "TCP", 5432)], [new("10.244.1.7", "db-0", true), new("10.244.1.8", "", true), new("10.244.1.9", "", false)]),
        }),
    };

    [Theory]
    [InlineData("web.default.svc.cluster.local", "10.96.3.4")]
    [InlineData("db.default.svc.cluster.local", "10.244.1.7 10.244.1.8")]
    [InlineData("db-0.db.default.svc.cluster.local", "10.244.1.7")]
    [InlineData("10-244-9-9.default.pod.cluster.local", "10.244.9.9")]
    public void Names_have_the_addresses_of_the_dns_specification(string name, string addresses)
    {
        var answer = ClusterNames.Resolve(Catalog, name, DnsQuestion.TypeA).ShouldNotBeNull();
        answer.Code.ShouldBe(DnsCode.Success);
        string.Join(' ', answer.Records.Select(record => new IPAddress(record.Data))).ShouldBe(addresses);
    }

    [Theory]
    [InlineData("nothing.default.svc.cluster.local")]
    [InlineData("web.other.svc.cluster.local")]
    [InlineData("what.cluster.local")]
    public void What_the_cluster_does_not_have_does_not_exist(string name) =>
        ClusterNames.Resolve(Catalog, name, DnsQuestion.TypeA).ShouldNotBeNull().Code.ShouldBe(DnsCode.NoSuchName);

    [Fact]
    public void A_name_of_the_outside_is_somebody_elses() => ClusterNames.Resolve(Catalog, "www.baidu.com", DnsQuestion.TypeA).ShouldBeNull();

    [Fact]
    public void An_ipv6_question_about_a_service_has_an_empty_answer_not_a_missing_name()
    {
        var answer = ClusterNames.Resolve(Catalog, "web.default.svc.cluster.local", DnsQuestion.TypeAaaa).ShouldNotBeNull();
        answer.Code.ShouldBe(DnsCode.Success);
        answer.Records.ShouldBeEmpty();
    }
}
