using System.Text;

namespace Fairlead.App.Walkthrough;

/// <summary>An outside site that the mesh does not know, an entry that misses it, and an entry that names it.</summary>
internal static class PassthroughSteps
{
    private const string Call = """kubectl exec "$SOURCE_POD" -c sleep -- curl http://www.baidu.com""";
    private const string Log = """kubectl logs "$SOURCE_POD" -c istio-proxy | tail""";

    /// <summary>The site's page as the original has it, line end included.</summary>
    private const int PageBytes = 2381;

    // kubectl prints curl's meter and the page from two streams, so that the meter's digits can stand on both sides of the page;
    // the page itself comes in one piece and is what is measured.
    private static readonly Check Page = new(
        new Phrase("the page arrives whole (2,381 bytes)", "页面完整（2381 字节）"),
        result => PageFault(result.Output));

    private static readonly Check Passthrough = Check.LogLine(
        new Phrase("the log line says PassthroughCluster and allow_any", "日志行是 PassthroughCluster 与 allow_any"),
        ("method", "GET"), ("path", "/"), ("protocol", "HTTP/1.1"), ("status", "200"), ("flags", "-"), ("details", "via_upstream"), ("termination", "-"),
        ("transport", "-"), ("received", "0"), ("sent", "2381"), ("forwarded", "-"), ("authority", "www.baidu.com"),
        ("cluster", "PassthroughCluster"), ("sni", "-"), ("route", "allow_any"));

    private static readonly Check Agent = new(
        new Phrase("it names the pod's curl", "其中有 pod 里 curl 的版本"),
        result => result.LastLogLine is { } line && line["agent"].StartsWith("curl/", StringComparison.Ordinal) ? null : "the agent is not curl");

    private static readonly Check SameAddress = new(
        new Phrase("the upstream is the address that the application dialled", "上游就是应用所拨的地址"),
        result => result.LastLogLine is { } line && line["upstream"] == line["destination"] ? null : "it is another one");

    public static IReadOnlyList<Step> All { get; } =
    [
        new(
            new Phrase("Call it from the pod", "从 pod 中调用"),
            Call,
            new Phrase("The same page: what the mesh does not know, it lets through.", "同样的页面：网格不认识的目的地会放行。"),
            Check.Succeeds,
            Page),
        new(
            new Phrase("An entry for baidu.com", "为 baidu.com 创建 ServiceEntry"),
            """
            kubectl apply -f - <<EOF
            apiVersion: networking.istio.io/v1alpha3
            kind: ServiceEntry
            metadata:
              name: baidu-ext
            spec:
              hosts:
              - baidu.com
              ports:
              - number: 80
                name: http
                protocol: HTTP
              resolution: DNS
              location: MESH_EXTERNAL
            EOF
            """,
            new Phrase("It covers baidu.com and not www.baidu.com, which is called; the warning says so.", "它只覆盖 baidu.com，而被调用的是 www.baidu.com；警告会说明这一点。"),
            Check.Succeeds,
            Check.Contains(new Phrase("the object is there", "对象已创建"), "serviceentry.networking.istio.io/baidu-ext created"),
            Check.Contains(new Phrase("a warning names the host that is called", "警告指出实际被调用的主机名"), "called www.baidu.com"),
            Check.Contains(new Phrase("and its code", "并给出代码"), "[FL0001]")),
        new(
            new Phrase("Call it again, and look at the log", "再次调用并查看日志"),
            Call + "\n" + Log,
            new Phrase("PassthroughCluster ... allow_any: the entry did not catch it.", "PassthroughCluster ... allow_any：这个 ServiceEntry 没有命中。"),
            Check.Succeeds,
            Page,
            Passthrough,
            Agent,
            SameAddress),
        new(
            new Phrase("Why the entry did not catch it", "为什么这个 ServiceEntry 没有命中"),
            """
            kubectl wait --for=condition=Analyzed=False --timeout=10s serviceentry/baidu-ext
            kubectl get serviceentry baidu-ext -o go-template='{{range .status.conditions}}{{.type}}={{.status}} {{.reason}} {{.message}}{{"\n"}}{{end}}'
            fairlead analyze || true
            """,
            new Phrase("The entry's own status and analyze give the reason and the remedy.", "对象的 status 与 analyze 都给出原因和改法。"),
            Check.Succeeds,
            Check.Contains(new Phrase("the status says that the entry is accepted", "status 表明该对象已被接受"), "Accepted=True"),
            Check.Contains(new Phrase("the status says what it misses", "status 指出它漏掉了什么"), "Analyzed=False FL0001"),
            Check.Contains(new Phrase("analyze names the entry", "analyze 点名该对象"), "ServiceEntry default/baidu-ext")),
        new(
            new Phrase("A page that does not exist", "访问不存在的页面"),
            """kubectl exec "$SOURCE_POD" -c sleep -- curl http://www.baidu.com/aaa""" + "\n" + Log,
            new Phrase("404 from the site, and its line in the log.", "网站返回 404，日志多出一行。"),
            Check.Succeeds,
            Check.Contains(new Phrase("the site's own 404 page arrives", "收到网站自己的 404 页面"), "<p>The requested URL /aaa was not found on this server.</p>"),
            Check.LogLine(
                new Phrase("the log line says 404, 201 bytes, PassthroughCluster", "日志行是 404、201 字节、PassthroughCluster"),
                ("path", "/aaa"), ("status", "404"), ("flags", "-"), ("details", "via_upstream"), ("sent", "201"), ("cluster", "PassthroughCluster"), ("route", "allow_any"))),
        new(
            new Phrase("The entry corrected", "改正 ServiceEntry"),
            """
            kubectl apply -f - <<EOF
            apiVersion: networking.istio.io/v1alpha3
            kind: ServiceEntry
            metadata:
              name: baidu-ext
            spec:
              hosts:
              - www.baidu.com
              ports:
              - number: 80
                name: http
                protocol: HTTP
              resolution: DNS
              location: MESH_EXTERNAL
            EOF
            """ + "\n" + Call + "\n" + Log,
            new Phrase("outbound|80||www.baidu.com ... default: now the mesh manages it.", "outbound|80||www.baidu.com ... default：现在由网格管理。"),
            Check.Succeeds,
            Page,
            Check.LogLine(
                new Phrase("the log line names the entry's cluster and the default route", "日志行是该 ServiceEntry 的 cluster 与 default 路由"),
                ("status", "200"), ("sent", "2381"), ("cluster", "outbound|80||www.baidu.com"), ("route", "default"))),
    ];

    /// <summary>What is wrong with the last page in the output; null when it is whole.</summary>
    internal static string? PageFault(string output)
    {
        const string End = "</html>";
        var start = output.LastIndexOf("<!DOCTYPE html>", StringComparison.Ordinal);
        var end = start < 0 ? -1 : output.IndexOf(End, start, StringComparison.Ordinal);
        if (end < 0)
        {
            return "there is no whole page in the output";
        }
        var bytes = Encoding.UTF8.GetByteCount(output.AsSpan(start, end + End.Length - start)) + 1;
        return bytes == PageBytes ? null : $"the page has {bytes} bytes";
    }
}
