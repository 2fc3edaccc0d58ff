namespace Fairlead.App.Walkthrough;

/// <summary>A pod to call from, and the access log to watch it by.</summary>
internal static class PreparationSteps
{
    public static IReadOnlyList<Step> All { get; } =
    [
        new(
            new Phrase("A pod to call from", "准备一个发起调用的 pod"),
            "kubectl apply -f samples/sleep/sleep.yaml",
            new Phrase("Three objects; the namespace injects a sidecar into the pod.", "创建三个对象；命名空间会给 pod 注入 sidecar。"),
            Check.Succeeds,
            Check.Contains(new Phrase("the deployment is there", "deployment 已创建"), "deployment.apps/sleep created")),
        new(
            new Phrase("Wait until it runs", "等待 pod 就绪"),
            "kubectl rollout status deploy/sleep",
            new Phrase("Both containers, sleep and istio-proxy, are ready.", "sleep 与 istio-proxy 两个容器都已就绪。"),
            Check.Succeeds,
            Check.Contains(new Phrase("it is rolled out", "已完成发布"), "successfully rolled out")),
        new(
            new Phrase("Remember its name", "记下 pod 名"),
            """
            export SOURCE_POD=$(kubectl get pod -l app=sleep -o jsonpath={.items..metadata.name})
            kubectl get pod "$SOURCE_POD"
            """,
            new Phrase("2/2: the application and its sidecar.", "2/2：应用与它的 sidecar。"),
            Check.Succeeds,
            Check.Contains(new Phrase("two of two containers are ready", "两个容器都就绪"), "2/2")),
        new(
            new Phrase("Without Telemetry there is no access log", "没有 Telemetry 就没有访问日志"),
            """
            kubectl exec "$SOURCE_POD" -c sleep -- curl -sS -o /dev/null -w "%{http_code}\n" http://www.baidu.com
            kubectl logs "$SOURCE_POD" -c istio-proxy | tail
            """,
            new Phrase("The call answers 200, and the sidecar wrote no line about it.", "调用返回 200，而 sidecar 没有为它写日志。"),
            Check.Succeeds,
            Check.Contains(new Phrase("the call answers 200", "调用返回 200"), "200"),
            new Check(
                new Phrase("there is no access log line", "没有访问日志行"),
                result => result.LastLogLine is null ? null : "there is one")),
        new(
            new Phrase("Turn the access log on", "打开访问日志"),
            """
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
            """,
            new Phrase("The whole mesh logs from now on, without a restart.", "从现在起整个网格都记录日志，无需重启。"),
            Check.Succeeds,
            Check.Contains(new Phrase("the object is there", "对象已创建"), "telemetry.telemetry.istio.io/mesh-default created")),
        new(
            new Phrase("The site, called from the machine itself", "先在本机调用这个网站"),
            "curl http://www.baidu.com",
            new Phrase("The page as the site serves it.", "网站原样返回的页面。"),
            Check.Succeeds,
            Check.Contains(new Phrase("it is the page", "就是这个页面"), "<!DOCTYPE html>")),
        new(
            new Phrase("Only its head", "只看响应头"),
            "curl -I http://www.baidu.com",
            new Phrase("200, and the site's own headers.", "200，以及网站自己的响应头。"),
            Check.Succeeds,
            Check.Contains(new Phrase("the status is 200", "状态是 200"), "HTTP/1.1 200 OK"),
            Check.Contains(new Phrase("its length is the site's", "长度与网站一致"), "Content-Length: 277")),
    ];
}
