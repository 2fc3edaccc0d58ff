using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Tests.Support;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Tests.Upstreams;

/// <summary>What a worker keeps of a cluster while its endpoints change.</summary>
public sealed class WorkerClusterTests
{
    private readonly TestMesh _mesh = new();
    private readonly ClusterConfig _config;
    private readonly StreamContext _worker;

    public WorkerClusterTests()
    {
        _config = _mesh.ClusterConfigOf("c");
        _worker = IdleWorker.Create(_mesh.Stats);
    }

    [Fact]
    public void Only_hosts_that_are_picked_are_made()
    {
        var cluster = new WorkerCluster(_worker, Snapshot([.. Enumerable.Range(1, 1000)]));

        for (var i = 0; i < 10; i++) cluster.PickHost();

        cluster.Hosts.Count.ShouldBe(10);
    }

    [Fact]
    public void A_host_that_stays_is_the_same_and_one_that_leaves_is_gone()
    {
        var cluster = new WorkerCluster(_worker, Snapshot([1, 2, 3]));
        var before = Pick(cluster, 3);

        cluster.Adopt(Snapshot([3, 4, 1], weight: 5));

        var after = Pick(cluster, 30);
        after.Keys.ShouldBe(new uint[] { 1, 3, 4 }, ignoreOrder: true);
        after[1].ShouldBeSameAs(before[1]);
        after[3].ShouldBeSameAs(before[3]);
        after[3].Endpoint!.Weight.ShouldBe(5u);
        cluster.Hosts.Select(host => host.Address.V4).ShouldBe(new uint[] { 1, 3, 4 }, ignoreOrder: true);
        before[2].IsDraining.ShouldBeTrue();
        before[1].IsDraining.ShouldBeFalse();
    }

    [Fact]
    public void A_host_that_is_picked_of_a_cluster_that_left_is_draining()
    {
        var cluster = new WorkerCluster(_worker, Snapshot([1, 2]));
        var before = cluster.PickHost()!;

        cluster.Drain();

        before.IsDraining.ShouldBeTrue();
        Pick(cluster, 10).Values.ShouldAllBe(host => host.IsDraining);
    }

    [Fact]
    public void Without_a_healthy_endpoint_everybody_is_tried()
    {
        var cluster = new WorkerCluster(_worker, Snapshot([1, 2], EndpointHealth.Unhealthy));

        Pick(cluster, 10).Keys.ShouldBe(new uint[] { 1, 2 }, ignoreOrder: true);
    }

    private static Dictionary<uint, UpstreamHost> Pick(WorkerCluster cluster, int times) =>
        Enumerable.Range(0, times).Select(_ => cluster.PickHost()!).DistinctBy(host => host.Address).ToDictionary(host => host.Address.V4);

    private ClusterSnapshot Snapshot(int[] addresses, EndpointHealth health = EndpointHealth.Healthy, uint weight = 1) => new(_config, new EndpointSet(
        [new LocalityEndpoints(string.Empty, string.Empty, string.Empty, 0, 0, [.. addresses.Select(address => new Endpoint { Address = IpEndpoint.FromIPv4((uint)address, 80), Weight = weight, Health = health })])], 140));
}
