using System.Text.RegularExpressions;

namespace Fairlead.App.Walkthrough;

/// <summary>An outside site under the mesh's management: its metadata, its cluster, and a timeout; then all of it taken away.</summary>
internal static partial class ManagedSteps
{
    private const string Call = """kubectl exec "$SOURCE_POD" -c sleep -- curl http://httpbin.org/delay/5""";
    private const string Log = """kubectl logs "$SOURCE_POD" -c istio-proxy | tail""";

    /// <summary>What Istio 1.22 puts into the metadata of a workload, for the walkthrough's own pod.</summary>
    private static readonly string[] MetadataKeys =
        ["APP_CONTAINERS", "CLUSTER_ID", "INSTANCE_IPS", "ISTIO_VERSION", "LABELS", "MESH_ID", "NAME", "NAMESPACE", "OWNER", "WORKLOAD_NAME"];

    private static readonly Check Metadata = new(
        new Phrase("the peer metadata decodes to Istio's keys", "解码后的 peer metadata 与 Istio 的键一致"),
        result =>
        {
            var keys = PeerMetadata.Keys(Header("X-Envoy-Peer-Metadata").Match(result.Output).Groups["value"].Value);
            return keys.SequenceEqual(MetadataKeys) ? null : $"its keys are {string.Join(", ", keys)}";
        });

    private static readonly Check NodeId = new(
        new Phrase("the peer id names the pod", "peer id 指明了 pod"),
        result => NodeIdForm().IsMatch(Header("X-Envoy-Peer-Metadata-Id").Match(result.Output).Groups["value"].Value) ? null : "it does not");

    public static IReadOnlyList<Step> All { get; } = [Entry(), FirstCall(), Timeout(), TimedOutCall(), Timing(), Deletion(), Afterwards()];

    private static Step Entry() => new(
        new Phrase("An entry for httpbin.org", "为 httpbin.org 创建 ServiceEntry"),
        """
        kubectl apply -f - <<EOF
        apiVersion: networking.istio.io/v1alpha3
        kind: ServiceEntry
        metadata:
          name: httpbin-ext
        spec:
          hosts:
          - httpbin.org
          ports:
          - number: 80
            name: http
            protocol: HTTP
          resolution: DNS
          location: MESH_EXTERNAL
        EOF
        """,
        new Phrase("This time the host is the one that is called.", "这一次主机名与被调用的一致。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the object is there", "对象已创建"), "serviceentry.networking.istio.io/httpbin-ext created"));

    private static Step FirstCall() => new(
        new Phrase("A call that takes five seconds", "一个需要五秒的调用"),
        Call + "\n" + Log,
        new Phrase("httpbin shows the headers that the sidecar added; the log names outbound|80||httpbin.org.", "httpbin 展示了 sidecar 添加的请求头；日志是 outbound|80||httpbin.org。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the attempt is counted", "带有尝试次数"), "\"X-Envoy-Attempt-Count\": \"1\""),
        Check.Contains(new Phrase("the operation is named", "带有操作名"), "\"X-Envoy-Decorator-Operation\": \"httpbin.org:80/*\""),
        Metadata,
        NodeId,
        Check.LogLine(
            new Phrase("the log line names the entry's cluster and the default route", "日志行是该 ServiceEntry 的 cluster 与 default 路由"),
            ("path", "/delay/5"), ("status", "200"), ("flags", "-"), ("details", "via_upstream"), ("authority", "httpbin.org"),
            ("cluster", "outbound|80||httpbin.org"), ("route", "default")),
        Check.LogNumber(new Phrase("it took five seconds", "耗时五秒"), "duration", 5000, 5900));

    private static Step Timeout() => new(
        new Phrase("A timeout of three seconds", "设置三秒超时"),
        """
        kubectl apply -f - <<EOF
        apiVersion: networking.istio.io/v1alpha3
        kind: VirtualService
        metadata:
          name: httpbin-ext
        spec:
          hosts:
          - httpbin.org
          http:
          - timeout: 3s
            route:
            - destination:
                host: httpbin.org
              weight: 100
        EOF
        """,
        new Phrase("A rule for an outside site, as for one's own services.", "像管理内部服务一样管理外部服务。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the object is there", "对象已创建"), "virtualservice.networking.istio.io/httpbin-ext created"));

    private static Step TimedOutCall() => new(
        new Phrase("The same call", "再次调用"),
        Call + "\n" + Log,
        new Phrase("'upstream request timeout' after three seconds, and 504 UT response_timeout in the log.", "三秒后返回 upstream request timeout，日志是 504 UT response_timeout。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the body says what happened", "响应体说明了原因"), "upstream request timeout"),
        Check.LogLine(
            new Phrase("the log line says 504 UT response_timeout", "日志行是 504 UT response_timeout"),
            ("path", "/delay/5"), ("status", "504"), ("flags", "UT"), ("details", "response_timeout"), ("termination", "-"), ("sent", "24"), ("service", "-"),
            ("cluster", "outbound|80||httpbin.org"), ("route", "-")),
        Check.LogNumber(new Phrase("after 3.00 to 3.10 s", "在 3.00 至 3.10 秒之间"), "duration", 3000, 3100));

    private static Step Timing() => new(
        new Phrase("The status alone, timed", "只看状态码与耗时"),
        """kubectl exec "$SOURCE_POD" -c sleep -- time curl -o /dev/null -sS -w "%{http_code}\n" http://httpbin.org/delay/5""",
        new Phrase("504, and real 3.0 s.", "504，real 约 3.0 秒。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the status is 504", "状态是 504"), "504\n"),
        new Check(
            new Phrase("time prints three lines, about three seconds", "time 打印三行，约三秒"),
            result => TimeForm().IsMatch(result.Output) ? null : "it does not"));

    private static Step Deletion() => new(
        new Phrase("Clean up", "清理"),
        """
        k delete serviceentries.networking.istio.io -n default baidu-ext
        k delete serviceentries.networking.istio.io -n default httpbin-ext
        k delete virtualservices.networking.istio.io -n default httpbin-ext
        """,
        new Phrase("Three objects deleted (k is kubectl).", "删除三个对象（k 即 kubectl）。"),
        Check.Succeeds,
        Check.Contains(new Phrase("the first entry is gone", "第一个 ServiceEntry 已删除"), "serviceentry.networking.istio.io \"baidu-ext\" deleted"),
        Check.Contains(new Phrase("the second entry is gone", "第二个 ServiceEntry 已删除"), "serviceentry.networking.istio.io \"httpbin-ext\" deleted"),
        Check.Contains(new Phrase("the rule is gone", "VirtualService 已删除"), "virtualservice.networking.istio.io \"httpbin-ext\" deleted"));

    private static Step Afterwards() => new(
        new Phrase("As before", "恢复如初"),
        """kubectl exec "$SOURCE_POD" -c sleep -- curl http://www.baidu.com""" + "\n" + Log,
        new Phrase("PassthroughCluster again: the mesh forgot the sites.", "又是 PassthroughCluster：网格已忘记这些网站。"),
        Check.Succeeds,
        Check.LogLine(
            new Phrase("the log line says PassthroughCluster and allow_any", "日志行是 PassthroughCluster 与 allow_any"),
            ("status", "200"), ("sent", "2381"), ("cluster", "PassthroughCluster"), ("route", "allow_any")));

    private static Regex Header(string name) => new($"\"{Regex.Escape(name)}\": \"(?<value>[^\"]*)\"", RegexOptions.CultureInvariant);

    [GeneratedRegex(@"^sidecar~\d+\.\d+\.\d+\.\d+~sleep-[a-z0-9]+-[a-z0-9]{5}\.default~default\.svc\.cluster\.local$")]
    private static partial Regex NodeIdForm();

    [GeneratedRegex(@"^real\t0m 3\.[01]\ds\nuser\t0m 0\.\d\ds\nsys\t0m 0\.\d\ds$", RegexOptions.Multiline)]
    private static partial Regex TimeForm();
}
