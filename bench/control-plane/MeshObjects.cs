using System.Text;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Scale;

/// <summary>The objects of a mesh of a given size: Services with their slices, external entries, rules, and the proxies of the services' pods.</summary>
internal static class MeshObjects
{
    public static IEnumerable<KubeObject> All(MeshSize size)
    {
        for (var i = 0; i < size.Services; i++)
        {
            yield return Service(i, size);
            yield return Slice(i, size, 0);
        }

        for (var i = 0; i < size.Entries; i++)
            yield return Parse($$$"""{"apiVersion":"networking.istio.io/v1","kind":"ServiceEntry","metadata":{"name":"ext{{{i}}}","namespace":"{{{NamespaceOf(i, size)}}}","creationTimestamp":"2024-01-01T00:00:00Z"},"spec":{"hosts":["ext{{{i}}}.example"],"resolution":"DNS","ports":[{"number":443,"name":"tls","protocol":"TLS"},{"number":80,"name":"http","protocol":"HTTP"}]}}""");
        for (var i = 0; i < size.Rules; i++)
            yield return Rule(i, size, 1);
    }

    public static KubeObject Service(int i, MeshSize size) => Parse(
        $$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"svc{{{i}}}","namespace":"{{{NamespaceOf(i, size)}}}","creationTimestamp":"2024-01-01T00:00:00Z"},"spec":{"clusterIP":"10.{{{100 + (i >> 8)}}}.{{{i & 255}}}.1","selector":{"app":"svc{{{i}}}"},"ports":[{"name":"http","port":{{{8000 + (i % 4)}}},"targetPort":8080}]}}""");

    /// <summary>The slice of a service; another <paramref name="turn"/> is another last address.</summary>
    public static KubeObject Slice(int i, MeshSize size, int turn)
    {
        var endpoints = string.Join(',', Enumerable.Range(0, size.EndpointsPerService).Select(e =>
            $$$"""{"addresses":["10.{{{200 + (e == size.EndpointsPerService - 1 ? turn % 50 : 0)}}}.{{{i & 255}}}.{{{(i >> 8) * 16 + e + 1}}}"],"conditions":{"ready":true}}"""));
        return Parse($$$"""{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"svc{{{i}}}-1","namespace":"{{{NamespaceOf(i, size)}}}","labels":{"kubernetes.io/service-name":"svc{{{i}}}"}},"addressType":"IPv4","ports":[{"name":"http","port":8080}],"endpoints":[{{{endpoints}}}]}""");
    }

    public static KubeObject Rule(int i, MeshSize size, int seconds) => Parse(
        $$$"""{"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"rule{{{i}}}","namespace":"{{{NamespaceOf(i, size)}}}"},"spec":{"hosts":["svc{{{i}}}.{{{NamespaceOf(i, size)}}}.svc.cluster.local"],"http":[{"timeout":"{{{seconds}}}s","route":[{"destination":{"host":"svc{{{i}}}"}}]}]}}""");

    public static ProxyIdentity Proxy(int i, MeshSize size)
    {
        var (ns, name) = (NamespaceOf(i, size), $"svc{i}-0");
        return new ProxyIdentity($"sidecar~10.200.{i & 255}.{((i >> 8) * 16) + 1}~{name}.{ns}~{ns}.svc.cluster.local", $"10.200.{i & 255}.{((i >> 8) * 16) + 1}", name, ns)
        {
            Labels = new Dictionary<string, string> { ["app"] = $"svc{i}" }.ToValueMap(),
        };
    }

    private static string NamespaceOf(int i, MeshSize size) => $"ns{i % size.Namespaces}";

    private static KubeObject Parse(string json) => KubeObject.Parse(Encoding.UTF8.GetBytes(json));
}
