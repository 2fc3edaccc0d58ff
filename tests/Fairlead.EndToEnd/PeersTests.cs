using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>The published sidecar with a static bootstrap between curl and servers that nobody here wrote: nginx, and httpbin behind gunicorn.</summary>
public sealed class PeersTests
{
    [Fact]
    public Task Routes_are_found_rewritten_and_refused_as_configured() => RunAsync("routing", """
        www.foo.com exact
        x.foo.com suffix
        x-bar.foo.com longer suffix
        foo.net:8080 prefix
        WWW.FOO.COM exact
        /exact 8081 GET /exact 127.0.0.1:8080 a= b=table attempt=1 was=
        /exact/ 404
        /lEtTeRs 8081 GET /lEtTeRs 127.0.0.1:8080 a= b=table attempt=1 was=
        /sep 8081 GET /sep 127.0.0.1:8080 a= b=table attempt=1 was=
        /sep/x 8081 GET /sep/x 127.0.0.1:8080 a= b=table attempt=1 was=
        /sepx 404
        /item/12/x?y 8081 GET /item/12/x?y 127.0.0.1:8080 a= b=table attempt=1 was=
        /item/a/x 404
        /by 8081 GET /by 127.0.0.1:8080 a= b=table attempt=1 was=
        /by?q=value 8082 GET /by?q=value 127.0.0.1:8080 a= b=table attempt=1 was=
        /by?q=other neither
        /by neither
        308 https://new.example/fresh/page?q=1
        /api/things?q=1 8081 GET /v1/things?q=1 inner.example a= b=table attempt=1 was=/api/things?q=1
        /user/ann/more 8081 GET /u?name=ann/more 127.0.0.1:8080 a= b=table attempt=1 was=/user/ann/more
        /headers 8081 GET /headers 127.0.0.1:8080 a=HTTP/1.1 GET b=route attempt=1 was=
        x-answer: 200
        server: envoy
        /weighted 8082 GET /weighted 127.0.0.1:8080 a= b=table attempt=1 was=
        /weighted 8082 GET /weighted 127.0.0.1:8080 a= b=table attempt=1 was=
        /weighted 8082 GET /weighted 127.0.0.1:8080 a= b=table attempt=1 was=
        /named 8082 GET /named 127.0.0.1:8080 a= b=table attempt=1 was=
        /named 503
        /missing 404
        /nothing 404
        /nothing 404 NR route_not_found 0 0 - -
        /missing 404 NC cluster_not_found 0 0 - missing
         5 8081
         5 8082

        """);

    [Fact]
    public Task Timeouts_retries_and_breakers_hold_against_real_servers() => RunAsync("resilience", """
        /delay/5 504
        /delay/5 504 UT response_timeout 0 24 httpbin slow
        /retried 8082 GET /retried
        /unretried 503
        /unretried 503 URX via_upstream 0 13 no unretried
        /refused 503
        /refused 503 URX,UF upstream_reset_before_response_started{remote_connection_failure,delayed_connect_error:_111} 0 175 closed refused
        200
        200
        503
        200 - via_upstream
        200 - via_upstream
        503 UO upstream_reset_before_response_started{overflow}
        alive

        """);

    [Fact]
    public Task Bodies_pass_unchanged_in_both_directions() => RunAsync("bodies", """
        20 MB down
        a range
        content-length: 20000000
        posted 300000 True 300000
        PUT
        3
        1
        /bin/status/418 418
        /bin/status/204 204
        /bin/redirect-to?url=/x 302
        /bin/status/418 418 - via_upstream 0 135 httpbin httpbin
        20 MB through the TCP proxy
        8081 GET /exact

        """);

    [Fact]
    public Task The_admin_port_shows_and_changes_what_Envoys_does() => RunAsync("admin", """
        /exact 200
        /ready 200 LIVE
        /server_info 200 "state":"LIVE"
        /clusters 200 cx_active::1 cx_connect_fail::0 cx_total::1 rq_active::0 rq_error::0 rq_success::1 rq_timeout::0 rq_total::1
        /listeners 200 http::127.0.0.1:8080 inspected::127.0.0.1:8072 limited::127.0.0.1:8071 tcp::127.0.0.1:8070
        /stats?filter=^http.http.downstream_rq_2xx$ 200 http.http.downstream_rq_2xx: 1
        /stats/prometheus?filter=cluster.a.upstream_rq_total 200 envoy_cluster_upstream_rq_total{cluster_name="a"} 1
        /config_dump 200 ['BootstrapConfigDump', 'ClustersConfigDump', 'ListenersConfigDump', 'RoutesConfigDump']
        /nothing 404 1
        /drain_listeners 400 Method GET not allowed, POST required.
        /quitquitquit 400 Method GET not allowed, POST required.
        /logging 400 Method GET not allowed, POST required.
        /reset_counters 400 Method GET not allowed, POST required.
        /logging?level=debug 200 1
        /reset_counters 200 OK
        /stats?filter=^http.http.downstream_rq_2xx$ 200 http.http.downstream_rq_2xx: 0
        /drain_listeners 200 OK
        curl 7
        /quitquitquit 200 OK
        ended 0

        """);

    [Fact]
    public Task Logs_hold_what_their_formats_and_filters_say() => RunAsync("logs", """
        /exact 200
        /unretried 503
        /delay/5 504
        /exact 200
        /unretried 503
        stdout: /unretried 503,/delay/5 504,/unretried 503
        status: /unretried 503,/delay/5 504,/unretried 503
        duration: /delay/5 504
        flag: /delay/5 504
        header: /exact 200,/unretried 503
        and: /unretried 503
        or: /unretried 503,/delay/5 504,/exact 200,/unretried 503
        {"agent":null,"code":200,"flags":"-","mixed":"HTTP/1.1 57","nested":{"host":"127.0.0.1:8081","route":{"config":"/apis/exact"}},"path":"/exact"}
        {"agent":null,"code":503,"flags":"URX","mixed":"HTTP/1.1 13","nested":{"host":"127.0.0.1:8083","route":null},"path":"/unretried"}
        {"agent":null,"code":504,"flags":"UT","mixed":"HTTP/1.1 24","nested":{"host":"127.0.0.1:8090","route":null},"path":"/delay/5"}
        {"agent":"\"q\\\té","code":200,"flags":"-","mixed":"HTTP/1.1 57","nested":{"host":"127.0.0.1:8081","route":{"config":"/apis/exact"}},"path":"/exact"}
        {"agent":null,"code":503,"flags":"URX","mixed":"HTTP/1.1 13","nested":{"host":"127.0.0.1:8083","route":null},"path":"/unretried"}

        """);

    [Fact]
    public Task A_retry_budget_counts_what_is_retried_at_the_moment() => RunAsync("budget", """
        /budgeted 503
        200 the one that is retried
        /budgeted 200
        /budgeted 503 UO via_upstream
        /budgeted 200 - via_upstream
        /budgeted 200 - via_upstream
        cluster.budgeted.upstream_rq_retry: 2
        cluster.budgeted.upstream_rq_retry_overflow: 1
        cluster.budgeted.upstream_rq_retry_success: 2

        """);

    [Fact]
    public Task Listener_filters_find_what_a_connection_speaks_and_limits_hold() => RunAsync("listeners", """
        one.example: TLS one
        two.example: TLS two
        other.net, x-two: TLS two
        other.net: WRONG_VERSION_NUMBER
        HTTP: 8082 GET /exact a a= b= attempt= was=
        HTTP in pieces: 8082 GET /exact a a= b= attempt= was=
        HTTP/1.0 is another protocol: greetings
        silence: greetings after the timeout
        neither: greetings
        within the limit: ['HTTP/1.1 200', 'HTTP/1.1 200']
        beyond it: b''
        afterwards: 8081 GET /exact  a= b= attempt= was=

        """);

    private static async Task RunAsync(string part, string expected)
    {
        var command = Sandbox.Command(["bash", "tests/Fairlead.EndToEnd/clients/peers.sh", Published.Proxy, part], hasOwnNetwork: true);
        var (_, output, error) = await Published.RunAsync(command[0], [.. command.Skip(1)]);
        output.ShouldBe(expected, error);
    }
}
