using System.Text.RegularExpressions;

namespace Fairlead.EndToEnd;

/// <summary>What tells a user which sidecar has which configuration, and where traffic goes that nobody configured.</summary>
[Collection(MeshTests.Name)]
public sealed partial class InspectionTests(Mesh mesh)
{
    private const string Prepared = """
        kubectl create ns inspect >/dev/null; kubectl label ns inspect istio-injection=enabled >/dev/null
        kubectl -n inspect apply -f samples/sleep/sleep.yaml >/dev/null; kubectl -n inspect rollout status deploy/sleep --timeout=120s >/dev/null
        POD=$(kubectl -n inspect get pods -l app=sleep -o jsonpath='{.items[0].metadata.name}').inspect
        kubectl apply -f - 2>/dev/null >/dev/null <<'END'
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: ext, namespace: inspect}
        spec: {hosts: [ext.example], exportTo: ["."], ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: 203.0.113.99}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: ext, namespace: inspect}
        spec: {hosts: [ext.example], exportTo: ["."], http: [{timeout: 3s, match: [{uri: {prefix: /a}}], route: [{destination: {host: ext.example, port: {number: 80}}}]}]}
        END
        """;

    [Fact]
    public async Task Sidecars_show_what_they_have()
    {
        var result = await mesh.BlockAsync(Prepared + """

            fairlead wait --for=distribution virtualservice/ext.inspect | grep -c 'ext.inspect is in effect on'
            fairlead wait --for=distribution virtualservice/nothing.inspect; echo rc $?
            fairlead proxy-status $POD
            fairlead proxy-status nosuch; echo rc $?
            fairlead proxy-config listeners $POD | grep -E 'ADDRESSES| 443 +(SNI|ALL)| 80 |Port: 80' | grep -v '^10[.]'
            fairlead proxy-config routes $POD | grep -E 'NAME|^80 +(ext|allow_any)'
            fairlead proxy-config clusters $POD | grep -E 'SERVICE|ext.example|inbound|Passthrough'
            fairlead proxy-config endpoints $POD | grep -E 'ENDPOINT|ext.example'
            fairlead proxy-config all $POD | grep -cE '^(SERVICE FQDN|ADDRESSES|NAME|ENDPOINT) '
            fairlead proxy-config bootstrap $POD -o yaml | grep -E 'cluster: sleep|ISTIO_VERSION'
            fairlead proxy-config routes $POD -o json | grep -cE '"timeout": "3s"'
            fairlead proxy-config clusters $POD -o yaml | grep -A1 'name: outbound|80||ext.example'
            fairlead proxy-config clusters nosuch.inspect; echo rc $?
            fairlead proxy-config nothing $POD >/dev/null 2>&1; echo rc $?
            kubectl delete ns inspect >/dev/null
            """);
        Plain(result.Output).ShouldBe("""
            1
            error: virtualservices.networking.istio.io "nothing" not found in namespace inspect
            rc 1
            NAME  CLUSTER  CDS  LDS  EDS  RDS  ECDS  ISTIOD  VERSION
            sleep-HASH.inspect  Kubernetes  SYNCED  SYNCED  SYNCED  SYNCED  NOT SENT  istiod  1.22.1
            error: no sidecar of 'nosuch' is connected; fairlead proxy-status lists those that are
            rc 1
            ADDRESSES  PORT  MATCH  DESTINATION
            0.0.0.0  80  Trans: raw_buffer; App: http/1.0,http/1.1,h2c  Route: 80
            0.0.0.0  80  ALL  PassthroughCluster
            0.0.0.0  443  SNI: ext.example  Cluster: outbound|443||ext.example
            0.0.0.0  443  ALL  PassthroughCluster
            0.0.0.0  15006  Port: 80  Inline Route: inbound|80||
            NAME  VHOST NAME  DOMAINS  MATCH  VIRTUAL SERVICE
            80  ext.example:80  ext.example, ext.example.  /a*  ext.inspect
            80  allow_any  *  /*
            SERVICE FQDN  PORT  SUBSET  DIRECTION  TYPE  DESTINATION RULE
            InboundPassthroughClusterIpv4  -  -  -  ORIGINAL_DST  -
            PassthroughCluster  -  -  -  ORIGINAL_DST  -
            ext.example  443  -  outbound  EDS  -
            ext.example  80  -  outbound  EDS  -
              80  -  inbound  ORIGINAL_DST  -
            ENDPOINT  STATUS  LOCALITY  CLUSTER
            203.0.113.99:443  HEALTHY  -  outbound|443||ext.example
            203.0.113.99:80  HEALTHY  -  outbound|80||ext.example
            4
              cluster: sleep.inspect
              ISTIO_VERSION: 1.22.1
            1
              name: outbound|80||ext.example
              type: EDS
            --
              service_name: outbound|80||ext.example
              connect_timeout: 10s
            error: the sidecar of nosuch.inspect cannot be asked: Error from server (NotFound): pods "nosuch" not found
            rc 1
            rc 1

            """);
    }

    [Fact]
    public async Task Destinations_that_nobody_configured_are_gathered_and_the_debug_pages_want_to_know_who_asks()
    {
        var result = await mesh.BlockAsync(Prepared + """

            for i in 1 2 3; do kubectl -n inspect exec deploy/sleep -c sleep -- curl -s -o /dev/null http://203.0.113.77/ -H 'Host: nobody.example' -m 5; done 2>/dev/null
            for i in $(seq 50); do fairlead unknown-destinations | grep -q nobody.example && break; sleep 0.2; done
            fairlead unknown-destinations | grep -oE 'WORKLOAD.*OUTCOME|inspect/sleep .*nobody.example .* PassthroughCluster'
            for page in list syncz registryz endpointz configz push_status unknown_destinations nothing; do echo $page $(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:15014/debug/$page); done
            curl -s http://10.244.0.1:15014/debug/syncz; echo
            curl -s -o /dev/null -w '%{http_code}\n' -H "authorization: Bearer $(kubectl -n istio-system create token default --audience istio-ca)" http://10.244.0.1:15014/debug/syncz
            curl -s -w ' %{http_code}\n' -H "authorization: Bearer $(kubectl -n inspect create token sleep --audience istio-ca)" http://10.244.0.1:15014/debug/syncz
            curl -s http://127.0.0.1:15014/ready; curl -s http://127.0.0.1:15014/livez
            curl -s http://127.0.0.1:15014/metrics | grep -cE '^(pilot_xds|pilot_services|pilot_virt_services) '
            kubectl delete ns inspect >/dev/null
            """);
        Plain(result.Output).ShouldBe("""
            WORKLOAD  HOST  ADDRESS  PROTOCOL  COUNT  OUTCOME
            inspect/sleep  nobody.example  203.0.113.77:80  http  3  PassthroughCluster
            list 200
            syncz 200
            registryz 200
            endpointz 200
            configz 200
            push_status 200
            unknown_destinations 200
            nothing 404
            send a bearer token of a service account in istio-system for the audience istio-ca, or ask from this machine

            200
            system:serviceaccount:inspect:sleep may not see the whole mesh
             401
            ok
            ok
            3

            """);
    }

    /// <summary>Without what differs from run to run: the pod's name, and with it the width of columns.</summary>
    private static string Plain(string output) => Spaces().Replace(Hashes().Replace(output, "sleep-HASH"), "  ");

    [GeneratedRegex(" {2,}")]
    private static partial Regex Spaces();

    [GeneratedRegex("sleep-[0-9a-z]+-[0-9a-z]+")]
    private static partial Regex Hashes();
}
