namespace Fairlead.EndToEnd;

/// <summary>
/// exec, cp and port-forward with each genuine kubectl that is found: WebSocket from 1.30 and 1.31 on, SPDY before, among them Debian 12's own 1.20,
/// and newer ones told to speak SPDY.
/// </summary>
[Collection(MeshTests.Name)]
public sealed class KubectlStreamsTests(Mesh mesh)
{
    /// <summary>A port that no other test of the shared mesh uses.</summary>
    private const int LocalPort = 18980;

    public static TheoryData<string, string> OnPath => new() { { "kubectl", "" }, { "kubectl", "KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false KUBECTL_PORT_FORWARD_WEBSOCKETS=false" } };

    [Theory]
    [MemberData(nameof(OnPath))]
    public Task Streams_work_with_the_kubectl_on_PATH(string kubectl, string environment) => StreamsWorkAsync($"env {environment} {kubectl}");

    [Theory]
    [Trait("Category", "Kubectl")]
    [MemberData(nameof(FoundKubectls.All), MemberType = typeof(FoundKubectls))]
    public Task Streams_work_with_every_kubectl_found(string kubectl) => StreamsWorkAsync(kubectl);

    private async Task StreamsWorkAsync(string kubectl)
    {
        (await mesh.BlockAsync("kubectl apply -f samples/sleep/sleep.yaml -f samples/httpbin/httpbin.yaml && kubectl rollout status deploy/sleep --timeout=120s "
            + "&& kubectl rollout status deploy/httpbin --timeout=120s")).ExitCode.ShouldBe(0);

        var ended = await mesh.BlockAsync($"{kubectl} exec deploy/sleep -c sleep -- sh -c 'echo out; echo err >&2; exit 7' 2>/dev/null; echo rc $?");
        ended.Output.ShouldBe("out\nrc 7\n");
        var input = await mesh.BlockAsync($"head -c 3000000 /dev/zero | {kubectl} exec -i deploy/sleep -c sleep -- md5sum; echo rc $?; head -c 3000000 /dev/zero | md5sum");
        input.Output.Split('\n')[..2].ShouldBe([input.Output.Split('\n')[2], "rc 0"]);
        var output = await mesh.BlockAsync($"{kubectl} exec deploy/sleep -c sleep -- head -c 5000000 /dev/zero | wc -c");
        output.Output.Trim().ShouldBe("5000000");
        var refused = await mesh.BlockAsync($"{kubectl} exec deploy/sleep -c nope -- true; echo rc $?");
        refused.Output.ShouldContain("container nope is not valid for pod sleep-");
        refused.Output.ShouldContain("rc 1");

        // A client that vanishes takes its command with it.
        var left = await mesh.BlockAsync($"{kubectl} exec deploy/sleep -c sleep -- sleep 4321 & LEFT=$!; for i in $(seq 100); do pgrep -fx 'sleep 4321' >/dev/null && break; sleep 0.1; done; pgrep -fx 'sleep 4321' | wc -l; "
            + "kill -9 $LEFT; wait $LEFT 2>/dev/null; for i in $(seq 100); do pgrep -fx 'sleep 4321' >/dev/null || break; sleep 0.1; done; pgrep -fx 'sleep 4321' | wc -l");
        left.Output.ShouldBe("1\n0\n");

        var copied = await mesh.BlockAsync("POD=$(kubectl get pod -l app=sleep -o jsonpath={.items..metadata.name}); head -c 100000 /dev/urandom > $STATE.cp; "
            + $"{kubectl} cp $STATE.cp $POD:/tmp/cp -c sleep && {kubectl} cp $POD:/tmp/cp $STATE.back -c sleep 2>/dev/null; cmp $STATE.cp $STATE.back && echo same");
        copied.Output.ShouldContain("same");

        var forwarded = await mesh.BlockAsync(Forwarding(kubectl, "deploy/httpbin", 80)
            + $"for i in 1 2 3; do curl -s -m 5 -o /dev/null -w '%{{http_code}} %{{size_download}}\\n' localhost:{LocalPort}/bytes/70000; done; kill $FORWARD; wait $FORWARD 2>/dev/null");
        forwarded.Output.ShouldContain("200 70000\n200 70000\n200 70000\n");
        var nobody = await mesh.BlockAsync(Forwarding(kubectl, "deploy/sleep", 9999)
            + $"curl -s -m 5 localhost:{LocalPort}; echo curl $?; kill $FORWARD 2>/dev/null; wait $FORWARD 2>/dev/null; cat $STATE.forward");
        nobody.Output.ShouldContain("curl 52");
        nobody.Output.ShouldContain("failed to connect to localhost:9999 inside the pod: Connection refused");
    }

    /// <summary>Starts a forward, and waits until it says that it listens (it, and not the one before, whose words are still there).</summary>
    private static string Forwarding(string kubectl, string target, int port) =>
        $": >$STATE.forward; {kubectl} port-forward {target} {LocalPort}:{port} >$STATE.forward 2>&1 & FORWARD=$!; for i in $(seq 100); do grep -q Forwarding $STATE.forward && break; sleep 0.1; done; ";
}
