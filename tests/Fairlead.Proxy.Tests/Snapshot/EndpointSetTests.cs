using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Tests.Snapshot;

public sealed class EndpointSetTests
{
    [Fact]
    public void Where_all_are_healthy_and_of_one_priority_everything_is_picked_from()
    {
        var set = Set(Locality(0, End(1), End(2)), Locality(0, End(3)));

        set.Distinct.ShouldBeSameAs(set.All);
        set.Usable.ShouldBeSameAs(set.All);
    }

    [Fact]
    public void The_first_priority_with_a_healthy_endpoint_is_picked_from()
    {
        var set = Set(Locality(1, End(3), End(4)), Locality(0, End(1, EndpointHealth.Unhealthy), End(2, EndpointHealth.Unhealthy)), Locality(2, End(5)));

        Addresses(set.All).ShouldBe([1u, 2, 3, 4, 5]);
        Addresses(set.Usable).ShouldBe([3u, 4]);
    }

    [Fact]
    public void An_address_of_two_localities_is_one_host_as_the_last_says()
    {
        var set = Set(Locality(0, End(1, weight: 1), End(2)), Locality(0, End(3), End(1, weight: 7)));

        Addresses(set.Distinct).ShouldBe([1u, 2, 3]);
        set.Usable.Select(endpoint => endpoint.Weight).ShouldBe([7u, 1, 1]);
        Set(Locality(0, End(1), End(2)), Locality(1, End(1, EndpointHealth.Unhealthy))).Usable.ShouldHaveSingleItem().Address.V4.ShouldBe(2u);
    }

    [Fact]
    public void Degraded_endpoints_are_picked_from_and_nobody_may_be_left()
    {
        Addresses(Set(Locality(0, End(1, EndpointHealth.Degraded), End(2, EndpointHealth.Unhealthy))).Usable).ShouldBe([1u]);
        Set(Locality(0, End(1, EndpointHealth.Unhealthy))).Usable.ShouldBeEmpty();
        EndpointSet.Empty.Usable.ShouldBeEmpty();
    }

    private static EndpointSet Set(params LocalityEndpoints[] localities) => new(localities, 140);

    private static LocalityEndpoints Locality(int priority, params Endpoint[] endpoints) => new(string.Empty, string.Empty, string.Empty, priority, 0, endpoints);

    private static Endpoint End(uint address, EndpointHealth health = EndpointHealth.Healthy, uint weight = 1) =>
        new() { Address = IpEndpoint.FromIPv4(address, 80), Weight = weight, Health = health };

    private static IEnumerable<uint> Addresses(Endpoint[] endpoints) => endpoints.Select(endpoint => endpoint.Address.V4);
}
