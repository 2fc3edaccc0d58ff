using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>What goes wrong around a sidecar and is not its fault: it goes on as Envoy would, and says what it is.</summary>
public sealed class HardshipTests
{
    [Fact]
    public Task Without_a_free_descriptor_it_answers_503_and_recovers() => RunAsync("descriptors", """
        /file 200
        HTTP/1.1 503 Service Unavailable
        /file 200
        accept on 127.0.0.1:8080: Too many open files (errno 24): no connections are accepted for 100 ms; raise the limit of open files or lower the connection limits
        alive

        """);

    [Fact]
    public Task With_a_full_disk_under_its_log_requests_go_on() => RunAsync("disk", """
        /file 200
         4 404
        /file 200
        lost lines are counted
        /again 404
        1
        access log HERE/logs/access.log: No space left on device (errno 28): its lines are given up until it can be written again; requests go on
        access log HERE/logs/access.log is written again; N lines were lost
        alive

        """);

    [Fact]
    public Task Without_name_servers_other_clusters_work_and_known_addresses_stay() => RunAsync("dns", """
        /file 200
        503
        /named/file 200
        cluster.named.membership_change: 1
        cluster.named.membership_healthy: 1
        cluster.named.membership_total: 1
        200
        failures are counted
        alive

        """);

    [Fact]
    public Task An_upstream_that_is_stopped_costs_its_own_requests_only() => RunAsync("stopped", """
        /stopped/file 200
        504
        200
        /stopped/file 200
        /stopped/file 504 UT
        alive

        """);

    private static async Task RunAsync(string hardship, string expected)
    {
        var command = Sandbox.Command(["bash", "tests/Fairlead.EndToEnd/clients/hardship.sh", Published.Proxy, hardship], hasOwnNetwork: true);
        var (_, output, error) = await Published.RunAsync(command[0], [.. command.Skip(1)]);
        output.ShouldBe(expected, error);
    }
}
