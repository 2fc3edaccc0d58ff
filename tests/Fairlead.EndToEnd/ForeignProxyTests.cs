namespace Fairlead.EndToEnd;

/// <summary>gRPC's own JavaScript clients with Envoy's genuine definitions against the control plane of a mesh.</summary>
[Collection(MeshTests.Name)]
public sealed class ForeignProxyTests(Mesh mesh)
{
    [Fact]
    public async Task Clients_that_nobody_here_wrote_are_served_as_proxies()
    {
        var result = await mesh.BlockAsync("""
            kubectl apply -f samples/httpbin/httpbin.yaml >/dev/null && kubectl rollout status deploy/httpbin --timeout=120s >/dev/null
            kubectl get configmap istio-ca-root-cert -o jsonpath='{.data.root-cert\.pem}' >$STATE.root
            TOKEN=$(kubectl create token httpbin --audience istio-ca)
            node tests/npm/xds-client.mjs 127.0.0.1:15010 10.244.0.1:15012 $STATE.root $TOKEN; echo rc $?; rm $STATE.root
            """);
        result.Output.ShouldBe("""
            headers came before the first request
            clusters true true
            endpoints 1
            the refusal is known
            routes 1
            cancelled CANCELLED: Cancelled on client
            and forgotten
            delta endpoints outbound|8000||httpbin.default.svc.cluster.local removed no-such-cluster
            delta end end
            a request of 5 MB is answered 0
            one of 20 MB RESOURCE_EXHAUSTED: the message has N bytes; at most N are accepted
            no node INVALID_ARGUMENT: the first request of a stream must carry the node
            another method UNIMPLEMENTED: /none.Service/Nothing is not served here
            no token: UNAUTHENTICATED: authentication failure: no bearer token
            a forged token: UNAUTHENTICATED: authentication failure: the token is not one of this cluster
            another namespace's node: PERMISSION_DENIED: node sidecar~10.244.9.9~js-tls.kube-system~kube-system.svc.cluster.local does not belong to system:serviceaccount:default:httpbin: its namespace is kube-system
            its own: served
            gRPC's xDS client acknowledges
            rc 0

            """);
    }
}
