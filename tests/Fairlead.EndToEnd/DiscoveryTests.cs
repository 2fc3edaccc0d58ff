using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>Where the published sidecar learns of addresses and resources: dnsmasq, and files that are watched.</summary>
public sealed class DiscoveryTests
{
    [Fact]
    public Task Names_are_resolved_as_each_kind_of_cluster_wants_it_and_changes_are_followed() => RunAsync("dns", """
        127.0.0.4:8081 /short
        strict 127.0.0.2:8081 127.0.0.3:8081
        four 127.0.0.5:8081
        six [::1]:8081
        both 127.0.0.5:8081 [::1]:8081
        logical 1 1
        127.0.0.5:8081 /four
        ::1:8081 /six
         2 127.0.0.2:8081 /strict
         2 127.0.0.3:8081 /strict
        200
        no healthy upstream
        cluster.unknown.membership_total: 0
        127.0.0.6:8081 /logical
        127.0.0.6:8081
        127.0.0.6:8081
        127.0.0.7:8081 /unknown
        127.0.0.6:8081 /strict
        counted
        alive

        """);

    [Fact]
    public Task Files_of_every_kind_are_followed_and_a_broken_one_changes_nothing() => RunAsync("files", """
        127.0.0.1:8081 /a
        127.0.0.1:8082 /a
        503
        127.0.0.1:8082 /a
        127.0.0.1:8082 /b
        lds.yaml was told
        rds.yaml was told
        127.0.0.1:8082 /b
        404
        127.0.0.1:8082 /a
        alive

        """);

    private static async Task RunAsync(string source, string expected)
    {
        var command = Sandbox.Command(["bash", "tests/Fairlead.EndToEnd/clients/discovery.sh", Published.Proxy, source], hasOwnNetwork: true);
        var (_, output, error) = await Published.RunAsync(command[0], [.. command.Skip(1)]);
        output.ShouldBe(expected, error);
    }
}
