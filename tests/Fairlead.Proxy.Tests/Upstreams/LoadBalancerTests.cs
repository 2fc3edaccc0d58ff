using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Tests.Support;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Tests.Upstreams;

public sealed class LoadBalancerTests
{
    private static (LoadBalancer Balancer, UpstreamHost[] Hosts) Make(LoadBalancingPolicy policy, params uint[] weights)
    {
        var mesh = new TestMesh();
        var worker = IdleWorker.Create(mesh.Stats);
        var config = mesh.ClusterConfigOf("c", policy: policy);
        var cluster = new WorkerCluster(worker, new ClusterSnapshot(config, EndpointSet.Empty));
        var hosts = weights.Select((weight, i) =>
        {
            var address = IpEndpoint.FromIPv4(0x0a000001 + (uint)i, 80);
            return new UpstreamHost(cluster, new Endpoint { Address = address, Weight = weight, Health = EndpointHealth.Healthy }, address);
        }).ToArray();
        return (new LoadBalancer(config, [.. hosts.Select(host => host.Endpoint!)], hosts, _ => throw new InvalidOperationException("every host is there"), worker.Random), hosts);
    }

    [Fact]
    public void Round_robin_visits_each_host_once_per_round()
    {
        var (balancer, hosts) = Make(LoadBalancingPolicy.RoundRobin, 1, 1, 1);

        var picks = Enumerable.Range(0, 9).Select(_ => Array.IndexOf(hosts, balancer.Pick())).ToArray();

        for (var i = 3; i < 9; i++) picks[i].ShouldBe(picks[i - 3]);
        picks.Take(3).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public void Weights_are_met_over_every_full_cycle()
    {
        var (balancer, hosts) = Make(LoadBalancingPolicy.RoundRobin, 1, 2, 5);

        var picks = Enumerable.Range(0, 800).Select(_ => balancer.Pick()).CountBy(host => Array.IndexOf(hosts, host)).ToDictionary();

        picks[0].ShouldBeInRange(99, 101);
        picks[1].ShouldBeInRange(199, 201);
        picks[2].ShouldBeInRange(499, 501);
    }

    [Fact]
    public void Least_request_avoids_the_busy_host()
    {
        var (balancer, hosts) = Make(LoadBalancingPolicy.LeastRequest, 1, 1);
        hosts[0].ActiveRequests = 10;

        var busy = Enumerable.Range(0, 1000).Count(_ => ReferenceEquals(balancer.Pick(), hosts[0]));

        // Two draws with replacement: the busy host wins only when both draws hit it.
        busy.ShouldBeInRange(180, 320);
    }

    [Fact]
    public void No_host_gives_null() => Make(LoadBalancingPolicy.Random).Balancer.Pick().ShouldBeNull();
}
