using System.Globalization;
using System.Text.RegularExpressions;

namespace Fairlead.EndToEnd;

/// <summary>While a pod calls an outside site some 600 times a second: configuration changes, and parts of the mesh are killed. No call may fail.</summary>
[Collection(MeshTests.Name)]
public sealed partial class UnderLoadTests(Mesh mesh)
{
    private const string Preparation = """
        kubectl apply -f samples/sleep/sleep.yaml
        kubectl rollout status deploy/sleep
        export SOURCE_POD=$(kubectl get pod -l app=sleep -o jsonpath={.items..metadata.name})
        kubectl apply -f - <<EOF
        apiVersion: telemetry.istio.io/v1alpha1
        kind: Telemetry
        metadata:
          name: mesh-default
          namespace: istio-system
        spec:
          accessLogging:
            - providers:
              - name: envoy
        EOF
        SITE=$(cat <<EOF
        apiVersion: networking.istio.io/v1alpha3
        kind: ServiceEntry
        metadata:
          name: site
        spec:
          hosts:
          - www.baidu.com
          ports:
          - number: 80
            name: http
            protocol: HTTP
          resolution: DNS
          location: MESH_EXTERNAL
        ---
        apiVersion: networking.istio.io/v1alpha3
        kind: VirtualService
        metadata:
          name: site
        spec:
          hosts:
          - www.baidu.com
          http:
          - timeout: 30s
            route:
            - destination:
                host: www.baidu.com
        EOF
        )
        # The load runs in the pod's network, so that it is captured as the pod's own calls are.
        start_load() {
          nsenter --net=$(ls -d /run/netns/* | grep -v -- -world | head -1) wrk -t1 -c10 -d280s -s tests/Fairlead.EndToEnd/pace.lua http://www.baidu.com/ >"$LOAD" &
          load=$!
        }
        end_load() { kill -INT $load; wait $load; cat "$LOAD"; }
        part() { fairlead status --state "$STATE" -o json | python3 -c 'import json, sys; p = [p for p in json.load(sys.stdin)["parts"] if p["name"] == sys.argv[1]][0]; print(p["pid"], p["status"])' "$1"; }
        # Ends a part at once and waits until another process stands ready in its place.
        replace_part() {
          local before
          before=$(part "$1" | cut -d' ' -f1)
          kill -9 "$before"
          for try in $(seq 100); do
            now=$(part "$1")
            if [ "${now#* }" = Ready ] && [ "${now%% *}" != "$before" ]; then echo "$1 replaced"; return; fi
            sleep 0.2
          done
          echo "$1 did not come back: $now"
        }
        # The change has reached the sidecar when a call is routed by it.
        routed_by() {
          for try in $(seq 50); do
            kubectl exec "$SOURCE_POD" -c sleep -- curl -sS -o /dev/null http://www.baidu.com/changed-$try
            if kubectl logs "$SOURCE_POD" -c istio-proxy --tail=8000 | grep "GET /changed-$try " | grep -qF "$1"; then echo "routed by $1"; return; fi
            sleep 0.2
          done
          echo "not routed by $1"
        }
        """;

    private const string Cleanup = """
        kubectl delete serviceentry,virtualservice site --ignore-not-found
        kubectl delete -f samples/sleep/sleep.yaml --wait=true
        kubectl delete telemetry -n istio-system mesh-default
        """;

    [Fact]
    public Task Ten_changes_back_and_forth_lose_no_call() => ChangeAsync(10);

    [Fact]
    [Trait("Category", "Soak")]
    public Task A_hundred_changes_back_and_forth_lose_no_call() => ChangeAsync(100);

    [Fact]
    public async Task Without_the_control_plane_calls_go_on_and_changes_apply_once_it_is_back()
    {
        var output = await RunAsync("""
            start_load
            replace_part control-plane
            for try in $(seq 50); do echo "$SITE" | kubectl apply -f - && break; sleep 0.2; done
            routed_by "outbound|80||www.baidu.com"
            end_load
            """);
        output.ShouldContain("control-plane replaced");
        output.ShouldContain("routed by outbound|80||www.baidu.com");
        ShouldLoseNothing(output);
    }

    [Fact]
    public async Task An_api_server_that_is_killed_comes_back_with_everything_that_it_acknowledged()
    {
        var output = await RunAsync("""
            start_load
            echo "$SITE" | kubectl apply -f -
            kubectl get serviceentry,virtualservice,deploy,pod,telemetry -A -o jsonpath='{range .items[*]}{.kind}/{.metadata.name} {.metadata.uid}{"\n"}{end}' >"$LOAD.before"
            replace_part api-server
            kubectl get serviceentry,virtualservice,deploy,pod,telemetry -A -o jsonpath='{range .items[*]}{.kind}/{.metadata.name} {.metadata.uid}{"\n"}{end}' >"$LOAD.after"
            diff "$LOAD.before" "$LOAD.after" && echo "the same objects"
            grep -c . "$LOAD.after"
            for try in $(seq 50); do kubectl delete serviceentry,virtualservice site && break; sleep 0.2; done
            routed_by PassthroughCluster
            end_load
            """);
        output.ShouldContain("api-server replaced");
        output.ShouldContain("the same objects");
        output.ShouldContain("routed by PassthroughCluster");
        ShouldLoseNothing(output);
    }

    [Fact]
    public async Task A_node_that_is_killed_leaves_pods_and_logs_alone()
    {
        var output = await RunAsync("""
            kubectl exec "$SOURCE_POD" -c sleep -- curl -sS -o /dev/null http://www.baidu.com/before-the-kill
            kubectl get pod "$SOURCE_POD" -o jsonpath='{range .status.containerStatuses[*]}{.containerID} {.restartCount}{"\n"}{end}' >"$LOAD.before"
            start_load
            replace_part node
            kubectl exec "$SOURCE_POD" -c sleep -- curl -sS -o /dev/null http://www.baidu.com/after-the-kill
            end_load
            kubectl get pod "$SOURCE_POD" -o jsonpath='{range .status.containerStatuses[*]}{.containerID} {.restartCount}{"\n"}{end}' >"$LOAD.after"
            diff "$LOAD.before" "$LOAD.after" && echo "the same containers"
            kubectl logs "$SOURCE_POD" -c istio-proxy | grep -oE '/(before|after)-the-kill'
            """);
        output.ShouldContain("node replaced");
        output.ShouldContain("the same containers");
        output.ShouldContain("/before-the-kill\n/after-the-kill");
        ShouldLoseNothing(output);
    }

    private async Task ChangeAsync(int times)
    {
        var output = await RunAsync($$"""
            start_load
            for round in $(seq {{times}}); do
              echo "$SITE" | kubectl apply -f - || break
              kubectl delete serviceentry,virtualservice site || break
            done
            echo "after round $round"
            end_load
            """);
        output.ShouldContain($"after round {times}\n");
        ShouldLoseNothing(output);
    }

    private async Task<string> RunAsync(string commands)
    {
        await mesh.BlockAsync(Preparation);
        var result = await mesh.BlockAsync(commands);
        await mesh.BlockAsync(Cleanup);
        result.ExitCode.ShouldBe(0, result.Output);
        return result.Output;
    }

    private static void ShouldLoseNothing(string output)
    {
        var line = Summary().Match(output);
        line.Success.ShouldBeTrue(output);
        int.Parse(line.Groups["requests"].Value, CultureInfo.InvariantCulture).ShouldBeGreaterThan(100, output);
        line.Groups["faults"].Value.ShouldBe("connect=0 read=0 write=0 timeout=0 status=0", output);
    }

    [GeneratedRegex(@"^requests=(?<requests>\d+) (?<faults>connect=\d+ read=\d+ write=\d+ timeout=\d+ status=\d+) ", RegexOptions.Multiline)]
    private static partial Regex Summary();
}
