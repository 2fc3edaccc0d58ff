using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>RetryPolicy.per_try_idle_timeout, on a clock of the test's.</summary>
public sealed class PerTryIdleTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly TestMesh _mesh = new();
    private readonly VirtualProxy _proxy;

    public PerTryIdleTests()
    {
        var retry = new RetryPolicy { On = RetryConditions.ServerError, NumRetries = 1, PerTryIdleTimeout = 2 * Second, BackOffMax = TimeSpan.FromMilliseconds(250) };
        _mesh.Cluster("c", new System.Net.IPEndPoint(0x017100cb, 80)).Routes().Host("h", ["*"]).Route("r", "/", TestMesh.To("c", retry: retry));
        _proxy = new VirtualProxy(_mesh);
        _proxy.Ask("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    }

    [Fact]
    public void An_attempt_that_is_silent_is_tried_again_and_then_given_up()
    {
        _proxy.Upstreams.Count.ShouldBe(1);
        _proxy.Wait(1.9 * Second);
        _proxy.Upstreams[0].IsOpen.ShouldBeTrue();
        _proxy.Wait(0.5 * Second);
        _proxy.Upstreams.Count.ShouldBe(2);
        _proxy.Upstreams[0].IsOpen.ShouldBeFalse();
        _proxy.Client.Sent.ShouldBeEmpty();

        _proxy.Wait(2.1 * Second);

        _proxy.Client.Sent.ShouldStartWith("HTTP/1.1 504 Gateway Timeout\r\n");
        Timeouts.ShouldBe(2);
    }

    [Fact]
    public void The_second_attempt_may_answer()
    {
        _proxy.Wait(2.5 * Second);
        _proxy.Answer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

        _proxy.Client.Sent.ShouldStartWith("HTTP/1.1 200 OK\r\n");
        _proxy.Wait(10 * Second);
        Timeouts.ShouldBe(1);
    }

    [Fact]
    public void An_answer_that_moves_is_not_silent_and_one_that_stops_is_cut()
    {
        _proxy.Wait(1.5 * Second);
        _proxy.Answer("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n");
        for (var i = 0; i < 5; i++)
        {
            _proxy.Wait(1.5 * Second);
            _proxy.Answer("x");
        }
        _proxy.Client.Sent.ShouldEndWith("\r\n\r\nxxxxx");
        _proxy.Client.IsOpen.ShouldBeTrue();

        _proxy.Wait(2.1 * Second);

        _proxy.Client.IsOpen.ShouldBeFalse();
        _proxy.Upstreams.Count.ShouldBe(1);
        Timeouts.ShouldBe(1);
    }

    private long Timeouts => _mesh.Stats.Read(ClusterStats.Of(_mesh.Stats, "c"), ClusterStats.UpstreamRqPerTryIdleTimeout);
}
