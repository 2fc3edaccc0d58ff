namespace Fairlead.App.Walkthrough;

/// <summary>
/// The task that the walkthrough refers to, "Accessing External Services": only known sites, a site behind TLS, a wildcard, a port, and
/// the ways around the sidecar.
/// </summary>
internal static class EgressSteps
{
    private const string Log = """kubectl logs "$SOURCE_POD" -c istio-proxy | tail""";
    private const string Secure = """kubectl exec "$SOURCE_POD" -c sleep -- curl -sSI https://www.google.com | grep "HTTP/" """;

    public static IReadOnlyList<Step> All { get; } =
        [SecureCall(), Restrict(), Blocked(), BlockedSecure(), SecureEntry(), SecureAgain(), SecureTimeout(), MoreEntries(), Wildcard(), Port(), AroundByPort(), AroundByRange(), Restore()];

    private static Step SecureCall() => new(
        new Phrase("A site behind TLS that the mesh does not know", "网格不认识的 TLS 网站"),
        Secure + "\n" + Log,
        new Phrase("200: let through unread, PassthroughCluster.", "200：不解密直接放行，PassthroughCluster。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the site answers", "网站有应答"), "HTTP/2 200"),
        Check.LogLine(
            new Phrase("the log has a line for the connection", "日志有这条连接的一行"),
            ("status", "0"), ("flags", "-"), ("cluster", "PassthroughCluster"), ("sni", "-")));

    private static Step Restrict() => new(
        new Phrase("Known sites only", "只允许已知的网站"),
        "kubectl get configmap istio -n istio-system -o yaml | sed 's/mode: ALLOW_ANY/mode: REGISTRY_ONLY/g' | kubectl replace -n istio-system -f -",
        new Phrase("The mesh's own setting; no pod restarts.", "这是网格自己的设置；没有 pod 重启。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the setting is replaced", "设置已替换"), "configmap/istio replaced"));

    private static Step Blocked() => new(
        new Phrase("A site that nobody declared", "没有声明过的网站"),
        """kubectl exec "$SOURCE_POD" -c sleep -- curl -sS -o /dev/null -w "%{http_code}\n" http://www.baidu.com""" + "\n" + Log,
        new Phrase("502 and block_all: the sidecar refuses what no entry names.", "502 与 block_all：没有 ServiceEntry 的目的地被拒绝。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the status is 502", "状态是 502"), "502\n"),
        Check.LogLine(
            new Phrase("the log line says direct_response and block_all", "日志行是 direct_response 与 block_all"),
            ("status", "502"), ("flags", "-"), ("details", "direct_response"), ("upstream", "-"), ("cluster", "-"), ("route", "block_all")));

    private static Step BlockedSecure() => new(
        new Phrase("The same behind TLS", "TLS 网站也一样"),
        """kubectl exec "$SOURCE_POD" -c sleep -- curl -sI https://www.google.com || true""" + "\n" + Log,
        new Phrase("There is nobody to answer 502 in TLS: the connection is closed (curl's exit code 35).", "TLS 里无法回答 502：连接被关闭（curl 退出码 35）。"),
        Check.Contains(new Phrase("curl ends with 35", "curl 以 35 退出"), "command terminated with exit code 35"),
        Check.LogLine(
            new Phrase("the log line says UH and BlackHoleCluster", "日志行是 UH 与 BlackHoleCluster"),
            ("status", "0"), ("flags", "UH"), ("cluster", "BlackHoleCluster")));

    private static Step SecureEntry() => new(
        new Phrase("An entry for the site behind TLS", "为 TLS 网站创建 ServiceEntry"),
        """
        kubectl apply -f - <<EOF
        apiVersion: networking.istio.io/v1alpha3
        kind: ServiceEntry
        metadata:
          name: google
        spec:
          hosts:
          - www.google.com
          ports:
          - number: 443
            name: https
            protocol: HTTPS
          resolution: DNS
          location: MESH_EXTERNAL
        EOF
        """,
        new Phrase("The sidecar reads the name in the TLS hello and nothing else.", "sidecar 只读取 TLS 握手里的名字。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the object is there", "对象已创建"), "serviceentry.networking.istio.io/google created"));

    private static Step SecureAgain() => new(
        new Phrase("Call it again", "再次调用"),
        Secure + "\n" + Log,
        new Phrase("200, and a line with the name from the TLS hello.", "200，日志带有 TLS 握手里的名字。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the site answers", "网站有应答"), "HTTP/2 200"),
        Check.LogLine(
            new Phrase("the log line names the entry's cluster and the SNI", "日志行是该 ServiceEntry 的 cluster 与 SNI"),
            ("status", "0"), ("flags", "-"), ("cluster", "outbound|443||www.google.com"), ("sni", "www.google.com")));

    private static Step SecureTimeout() => new(
        new Phrase("A timeout where none can act", "在无法生效的地方设置超时"),
        """
        kubectl apply -f - <<EOF
        apiVersion: networking.istio.io/v1alpha3
        kind: VirtualService
        metadata:
          name: google
        spec:
          hosts:
          - www.google.com
          http:
          - timeout: 3s
            route:
            - destination:
                host: www.google.com
                port:
                  number: 443
        EOF
        fairlead analyze
        kubectl delete virtualservice google
        """,
        new Phrase("Requests inside TLS cannot be seen, let alone timed; analyze says so.", "TLS 里的请求看不见，更无法计时；analyze 会指出来。"),
        Check.Succeeds,
        Check.Contains(new Phrase("analyze names field and reason", "analyze 指出字段与原因"), "spec.http[0].timeout: timeout cannot act on www.google.com"));

    private static Step MoreEntries() => new(
        new Phrase("A wildcard and a plain TCP port", "通配符与 TCP 端口"),
        """
        kubectl apply -f - <<EOF
        apiVersion: networking.istio.io/v1alpha3
        kind: ServiceEntry
        metadata:
          name: example-wildcard
        spec:
          hosts:
          - "*.example.org"
          ports:
          - number: 80
            name: http
            protocol: HTTP
          - number: 443
            name: tls
            protocol: TLS
          resolution: NONE
          location: MESH_EXTERNAL
        ---
        apiVersion: networking.istio.io/v1alpha3
        kind: ServiceEntry
        metadata:
          name: tcp-echo
        spec:
          hosts:
          - tcp-echo.example.net
          addresses:
          - 198.51.100.30/32
          ports:
          - number: 9000
            name: tcp
            protocol: TCP
          resolution: NONE
          location: MESH_EXTERNAL
        EOF
        fairlead wait serviceentry/example-wildcard.default --timeout 30s
        fairlead wait serviceentry/tcp-echo.default --timeout 30s
        """,
        new Phrase("One covers every name below example.org, the other one address and port. 'wait' returns when every sidecar has it.", "一个覆盖 example.org 下所有名字，另一个覆盖一个地址与端口。每个 sidecar 都拿到后 wait 才返回。"),
        Check.Succeeds,
        Check.Contains(new Phrase("both objects are there", "两个对象已创建"), "serviceentry.networking.istio.io/tcp-echo created"));

    private static Step Wildcard() => new(
        new Phrase("Any name below the wildcard", "通配符下的任意名字"),
        """kubectl exec "$SOURCE_POD" -c sleep -- curl -sS -o /dev/null -w "%{http_code}\n" http://news.example.org""" + "\n" + Log,
        new Phrase("The cluster is the wildcard's.", "cluster 是通配符的。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the status is 200", "状态是 200"), "200\n"),
        Check.LogLine(
            new Phrase("the log line names the wildcard's cluster", "日志行是通配符的 cluster"),
            ("status", "200"), ("authority", "news.example.org"), ("cluster", "outbound|80||*.example.org"), ("route", "default")));

    private static Step Port() => new(
        new Phrase("Bytes that are no HTTP", "不是 HTTP 的字节"),
        """kubectl exec "$SOURCE_POD" -c sleep -- sh -c 'echo hello | nc -w 2 tcp-echo.example.net 9000'""" + "\n" + Log,
        new Phrase("The echo comes back, and the log counts its six bytes each way.", "回显返回，日志记录双向各六个字节。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the echo comes back", "回显返回"), "hello"),
        Check.LogLine(
            new Phrase("the log line counts six bytes each way", "日志行双向各六字节"),
            ("received", "6"), ("sent", "6"), ("cluster", "outbound|9000||tcp-echo.example.net")));

    private static Step AroundByPort() => new(
        new Phrase("Around the sidecar, by port", "按端口绕过 sidecar"),
        """
        kubectl patch deployment sleep -p '{"spec":{"template":{"metadata":{"annotations":{"traffic.sidecar.istio.io/excludeOutboundPorts":"80"}}}}}'
        kubectl rollout status deploy/sleep
        kubectl exec deploy/sleep -c sleep -- curl -sS -o /dev/null -w "%{http_code}\n" http://www.baidu.com
        """,
        new Phrase("Port 80 is not captured in the new pod: 200 in spite of REGISTRY_ONLY.", "新 pod 不劫持 80 端口：即使 REGISTRY_ONLY 也返回 200。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the call goes around the sidecar", "调用绕过了 sidecar"), "\n200\n"));

    private static Step AroundByRange() => new(
        new Phrase("Around the sidecar, by address", "按地址绕过 sidecar"),
        """
        kubectl patch deployment sleep -p '{"spec":{"template":{"metadata":{"annotations":{"traffic.sidecar.istio.io/excludeOutboundPorts":null,"traffic.sidecar.istio.io/includeOutboundIPRanges":"10.96.0.0/16"}}}}}'
        kubectl rollout status deploy/sleep
        kubectl exec deploy/sleep -c sleep -- curl -sS -o /dev/null -w "%{http_code}\n" http://www.baidu.com
        kubectl logs deploy/sleep -c istio-proxy | grep -c baidu || true
        """,
        new Phrase("Only the services' own range is captured: 200, and no line in the sidecar's log.", "只劫持服务网段：返回 200，sidecar 日志没有记录。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the call goes around the sidecar, which logs nothing", "调用绕过 sidecar，日志无记录"), "\n200\n0\n"));

    private static Step Restore() => new(
        new Phrase("As it was", "恢复原状"),
        """
        kubectl delete serviceentry google example-wildcard tcp-echo
        kubectl get configmap istio -n istio-system -o yaml | sed 's/mode: REGISTRY_ONLY/mode: ALLOW_ANY/g' | kubectl replace -n istio-system -f -
        """,
        new Phrase("The entries are gone and every site is allowed again.", "ServiceEntry 已删除，所有网站又可访问。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the setting is replaced", "设置已替换"), "configmap/istio replaced"));
}
