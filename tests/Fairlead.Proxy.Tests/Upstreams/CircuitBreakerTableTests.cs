using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Tests.Support;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Tests.Upstreams;

public sealed class CircuitBreakerTableTests
{
    [Fact]
    public void What_is_open_and_what_is_left_is_shown()
    {
        var mesh = new TestMesh();
        var config = mesh.ClusterConfigOf("c", limits: new CircuitBreakerLimits { MaxConnections = 2, MaxRequests = 5, MaxPendingRequests = 4, MaxRetries = 1, TrackRemaining = true });
        var table = new CircuitBreakerTable();
        var breaker = table.Get(config, RoutePriority.Default);
        var shard = mesh.Stats.CreateShard();
        breaker.AddConnection(2);
        breaker.AddRequest(3);
        breaker.AddRetry(1);
        table.Show(shard);
        Read(ClusterStats.CircuitBreakersDefaultCxOpen).ShouldBe(1);
        Read(ClusterStats.CircuitBreakersDefaultRqOpen).ShouldBe(0);
        Read(ClusterStats.CircuitBreakersDefaultRqPendingOpen).ShouldBe(0);
        Read(ClusterStats.CircuitBreakersDefaultRqRetryOpen).ShouldBe(1);
        Read(ClusterStats.CircuitBreakersDefaultRemainingCx).ShouldBe(0);
        Read(ClusterStats.CircuitBreakersDefaultRemainingRq).ShouldBe(2);
        Read(ClusterStats.CircuitBreakersDefaultRemainingPending).ShouldBe(4);
        Read(ClusterStats.CircuitBreakersDefaultRemainingRetries).ShouldBe(0);
        breaker.AddConnection(-1);
        table.Show(shard);
        Read(ClusterStats.CircuitBreakersDefaultCxOpen).ShouldBe(0);
        Read(ClusterStats.CircuitBreakersDefaultRemainingCx).ShouldBe(1);

        long Read(int offset) => mesh.Stats.Read(config.Stats, offset);
    }
}
