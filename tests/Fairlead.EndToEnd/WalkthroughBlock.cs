using System.Text.RegularExpressions;
using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>The walkthrough as a person pastes it: all commands at once, no waiting but for the pod; and what must come of it.</summary>
internal static partial class WalkthroughBlock
{
    public const string Commands = """
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
        kubectl exec "$SOURCE_POD" -c sleep -- curl http://www.baidu.com
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
        kubectl exec "$SOURCE_POD" -c sleep -- curl http://www.baidu.com
        kubectl logs "$SOURCE_POD" -c istio-proxy | tail
        kubectl exec "$SOURCE_POD" -c sleep -- curl http://www.baidu.com/aaa
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
        kubectl exec "$SOURCE_POD" -c sleep -- curl http://httpbin.org/delay/5
        kubectl logs "$SOURCE_POD" -c istio-proxy | tail
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
        kubectl exec "$SOURCE_POD" -c sleep -- curl http://httpbin.org/delay/5
        kubectl exec "$SOURCE_POD" -c sleep -- time curl -o /dev/null -sS -w "%{http_code}\n" http://httpbin.org/delay/5
        k delete serviceentries.networking.istio.io -n default baidu-ext
        k delete serviceentries.networking.istio.io -n default httpbin-ext
        k delete virtualservices.networking.istio.io -n default httpbin-ext
        echo "-- the log"
        kubectl logs "$SOURCE_POD" -c istio-proxy | tail
        """;

    /// <summary>The lines of the access log, in order; durations and addresses are their own.</summary>
    private static readonly string[] Expected =
    [
        """GET / HTTP/1.1 200 - via_upstream - "-" 0 2381 "www.baidu.com" PassthroughCluster - allow_any""",
        """GET / HTTP/1.1 200 - via_upstream - "-" 0 2381 "www.baidu.com" PassthroughCluster - allow_any""",
        """GET /aaa HTTP/1.1 404 - via_upstream - "-" 0 201 "www.baidu.com" PassthroughCluster - allow_any""",
        """GET /delay/5 HTTP/1.1 200 - via_upstream - "-" 0 # "httpbin.org" outbound|80||httpbin.org - default""",
        """GET /delay/5 HTTP/1.1 504 UT response_timeout - "-" 0 24 "httpbin.org" outbound|80||httpbin.org - -""",
        """GET /delay/5 HTTP/1.1 504 UT response_timeout - "-" 0 24 "httpbin.org" outbound|80||httpbin.org - -""",
    ];

    /// <summary>The messages on the way, in order.</summary>
    private static readonly string[] Messages =
    [
        "deployment.apps/sleep created", "successfully rolled out", "telemetry.telemetry.istio.io/mesh-default created", "</body> </html>",
        "serviceentry.networking.istio.io/baidu-ext created", "</body> </html>", "<p>The requested URL /aaa was not found on this server.</p>",
        "serviceentry.networking.istio.io/httpbin-ext created", "\"X-Envoy-Attempt-Count\": \"1\"", "\"X-Envoy-Decorator-Operation\": \"httpbin.org:80/*\"",
        "\"X-Envoy-Peer-Metadata\": \"", "\"X-Envoy-Peer-Metadata-Id\": \"sidecar~10.244.", "\"url\": \"http://httpbin.org/delay/5\"",
        "virtualservice.networking.istio.io/httpbin-ext created", "upstream request timeout", "real\t0m 3.0", "\"baidu-ext\" deleted",
        "\"httpbin-ext\" deleted", "\"httpbin-ext\" deleted",
    ];

    public static IReadOnlyList<string> Faults(string output)
    {
        var faults = new List<string>();
        var at = 0;
        foreach (var message in Messages)
        {
            var next = output.IndexOf(message, at, StringComparison.Ordinal);
            if (next < 0)
            {
                faults.Add($"'{message}' does not come where it should");
                continue;
            }
            at = next + message.Length;
        }
        // time writes to standard error, curl to standard output: two streams, whose order kubectl does not keep.
        if (!Code().IsMatch(output))
        {
            faults.Add("no line ends with the status 504");
        }
        var log = output[(output.LastIndexOf("-- the log", StringComparison.Ordinal) is var start and >= 0 ? start : 0)..];
        var lines = log.Split('\n').Select(AccessLogLine.TryParse).OfType<AccessLogLine>().ToList();
        var shapes = lines.Select(Shape).ToList();
        if (!shapes.SequenceEqual(Expected))
        {
            faults.Add($"the log is\n{string.Join('\n', shapes)}\nand not\n{string.Join('\n', Expected)}");
        }
        faults.AddRange(lines.Where(line => line["flags"] == "UT" && (!int.TryParse(line["duration"], out var ms) || ms is < 3000 or > 3100)).Select(line => $"a timeout took {line["duration"]} ms"));
        faults.AddRange(lines.Where(line => !Id().IsMatch(line["id"])).Select(line => $"'{line["id"]}' is no request id"));
        faults.AddRange(lines.Where(line => !Agent().IsMatch(line["agent"])).Select(line => $"the agent is '{line["agent"]}'"));
        return faults;
    }

    private static string Shape(AccessLogLine line)
    {
        // The length of httpbin's answer depends on the pod's name and address.
        var sent = line["authority"] == "httpbin.org" && line["status"] == "200" ? "#" : line["sent"];
        return $"{line["method"]} {line["path"]} {line["protocol"]} {line["status"]} {line["flags"]} {line["details"]} {line["termination"]} \"{line["transport"]}\" " +
            $"{line["received"]} {sent} \"{line["authority"]}\" {line["cluster"]} {line["sni"]} {line["route"]}";
    }

    [GeneratedRegex(@"(?<!\d)504$", RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    private static partial Regex Id();

    // The version is that of the image's curl.
    [GeneratedRegex(@"^curl/\d+\.\d+\.\d+$")]
    private static partial Regex Agent();
}
