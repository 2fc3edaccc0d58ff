using System.Globalization;
using System.Text;

namespace Fairlead.EndToEnd;

/// <summary>A request that is wrong in one way, and the answer: code, reason and a piece of the message. <c>N</c> stands for the path of the namespace.</summary>
public sealed record BadRequestRow(string Method, string Path, int Code, string? Reason, string Message)
{
    public string ContentType { get; init; } = "application/json";

    public string Accept { get; init; } = "application/json";

    public byte[] Body { get; init; } = [];

    public string Text { init => Body = Encoding.UTF8.GetBytes(value); }

    /// <summary>The body's length is not announced (chunked).</summary>
    public bool Streams { get; init; }

    public override string ToString() => $"{Method} {Path} {(Body.Length > 60 ? $"{Body.Length} bytes" : Encoding.Latin1.GetString(Body))} {ContentType}";
}

/// <summary>What clients get wrong, with the real server's answers (k8s.io/apimachinery, api/errors; k8s.io/apiserver, endpoints/handlers).</summary>
internal static class BadRequestRows
{
    /// <summary>One above 1.5 MiB.</summary>
    private const int TooMuch = (3 << 19) + 1;

    private const string Maps = "N/configmaps";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private const string Entries = "/apis/networking.istio.io/v1/namespaces/default/serviceentries";

    public static IEnumerable<BadRequestRow> All => [.. Bodies, .. Types, .. Sizes, .. Paths, .. Names, .. Data, .. Selectors, .. Versions, .. Options, .. Patches];

    private static IEnumerable<BadRequestRow> Bodies =>
    [
        new("POST", Maps, 400, "BadRequest", "the body must hold an object"),
        new("POST", Maps, 400, "BadRequest", "the object provided is unrecognized") { Text = "{" },
        new("POST", Maps, 400, "BadRequest", "the object provided is unrecognized") { Text = "nonsense" },
        new("POST", Maps, 400, "BadRequest", "the object provided is unrecognized") { Text = Map("twice") + Map("twice") },
        new("POST", Maps, 400, "BadRequest", "the body must hold an object") { Text = "[]" },
        new("POST", Maps, 400, "BadRequest", "the body must hold an object") { Text = "null" },
        new("POST", Maps, 400, "BadRequest", "the body must hold an object") { Text = "\"words\"" },
        new("POST", Maps, 400, "BadRequest", "UTF-8") { Body = [.. "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\""u8, 0xff, 0xfe, .. "\"}}"u8] },
        new("POST", Maps, 400, "BadRequest", "UTF-8") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"\ud800"}}""" },
        new("POST", Maps, 400, "BadRequest", "depth") { Text = string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000) },
        new("POST", Maps, 400, "BadRequest", "out of range") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","generation":1e999}}""" },
        new("POST", Maps, 400, "BadRequest", "does not match the expected") { Text = """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}""" },
        new("POST", Maps, 400, "BadRequest", "does not match the expected API version (v1, Kind=ConfigMap)") { Text = """{"apiVersion":"apps/v1","kind":"ConfigMap","metadata":{"name":"a"}}""" },
        new("POST", Maps, 400, "BadRequest", "metadata") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":"a"}""" },
        new("POST", Maps, 400, "BadRequest", "metadata.labels") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":[1]}}""" },
        new("POST", Maps, 400, "BadRequest", "metadata.labels") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"a":5}}}""" },
        new("POST", Maps + "?fieldValidation=Strict", 400, "BadRequest", "duplicate field \"data\"") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"1"},"data":{"a":"2"}}""" },
        new("POST", Maps + "?fieldValidation=Strict", 400, "BadRequest", "unknown field \"dat\"") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"dat":{}}""" },
        new("POST", Entries, 422, "Invalid", "spec.hosts") { Text = """{"apiVersion":"networking.istio.io/v1","kind":"ServiceEntry","metadata":{"name":"a"},"spec":{"hosts":"one"}}""" },
        new("POST", Maps, 400, "BadRequest", "YAML") { ContentType = "application/yaml", Text = "a: [1" },
        new("POST", Maps, 400, "BadRequest", "anchors") { ContentType = "application/yaml", Text = "a: &x [1]\nb: [*x, *x]\n" },
        new("POST", Maps, 400, "BadRequest", "more than one YAML document") { ContentType = "application/yaml", Text = "a: 1\n---\nb: 2\n" },
        new("POST", Maps, 400, "BadRequest", "protobuf") { ContentType = "application/vnd.kubernetes.protobuf", Text = "{}" },
        new("POST", Maps, 400, "BadRequest", "protobuf") { ContentType = "application/vnd.kubernetes.protobuf", Body = [.. "k8s\0"u8, 0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f] },
        new("DELETE", Maps + "/kube-root-ca.crt", 400, "BadRequest", "as DeleteOptions") { Text = """{"kind":"ConfigMap","apiVersion":"v1"}""" },
    ];

    private static IEnumerable<BadRequestRow> Types =>
    [
        new("POST", Maps, 415, "UnsupportedMediaType", "accepted media types include: application/json") { ContentType = "text/plain", Text = Map("a") },
        new("PUT", Maps + "/kube-root-ca.crt", 415, "UnsupportedMediaType", "accepted media types include: application/json") { ContentType = "image/png", Text = Map("kube-root-ca.crt") },
        new("PATCH", Maps + "/kube-root-ca.crt", 415, "UnsupportedMediaType", "accepted media types include: application/json-patch+json, application/merge-patch+json") { Text = "{}" },
        new("PATCH", Entries + "/a", 415, "UnsupportedMediaType", "accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml") { ContentType = "application/strategic-merge-patch+json", Text = "{}" },
        new("GET", Maps, 406, "NotAcceptable", "only the following media types are accepted: application/json") { Accept = "text/html" },
        new("GET", Maps + "/kube-root-ca.crt", 406, "NotAcceptable", "only the following media types are accepted: application/json") { Accept = "application/json;as=Table;g=meta.k8s.io;v=v9" },
    ];

    private static IEnumerable<BadRequestRow> Sizes =>
    [
        new("POST", Maps, 413, "RequestEntityTooLarge", "limit is 1572864") { Body = new byte[TooMuch] },
        new("POST", Maps, 413, "RequestEntityTooLarge", "limit is 1572864") { Body = new byte[TooMuch], Streams = true },
        new("PUT", Maps + "/kube-root-ca.crt", 413, "RequestEntityTooLarge", "limit is 1572864") { Body = new byte[TooMuch], Streams = true },
        new("PATCH", Maps + "/kube-root-ca.crt", 413, "RequestEntityTooLarge", "limit is 1572864") { ContentType = "application/merge-patch+json", Body = new byte[TooMuch], Streams = true },
        new("POST", Maps, 422, "Invalid", "must have at most 1048576 bytes") { Text = $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"{{new string('x', (1 << 20) + 1)}}"} }""" },
        new("POST", Maps, 422, "Invalid", "metadata.annotations: Too long: must have at most 262144 bytes") { Text = $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","annotations":{"k":"{{new string('x', 1 << 18)}}"} } }""" },
        new("PATCH", Maps + "/kube-root-ca.crt", 413, "RequestEntityTooLarge", "The allowed maximum operations in a JSON patch is 10000, got 10001")
        {
            ContentType = "application/json-patch+json",
            Text = "[" + string.Join(',', Enumerable.Repeat("""{"op":"test","path":"/kind","value":"ConfigMap"}""", 10_001)) + "]",
        },
    ];

    private static IEnumerable<BadRequestRow> Paths =>
    [
        new("GET", "/nothing", 404, "NotFound", "could not find the requested resource"),
        new("GET", "/api/v9/pods", 404, "NotFound", "could not find the requested resource"),
        new("GET", "/apis/none.example.com/v1/things", 404, "NotFound", "could not find the requested resource"),
        new("GET", "N/nonsense", 404, "NotFound", "could not find the requested resource"),
        new("GET", "N/nodes", 404, "NotFound", "could not find the requested resource"),
        new("GET", Maps + "/a/b/c/d", 404, "NotFound", "could not find the requested resource"),
        new("GET", Maps + "/kube-root-ca.crt/nonsense", 404, "NotFound", "could not find the requested resource"),
        new("GET", Maps + "/absent", 404, "NotFound", "configmaps \"absent\" not found"),
        new("POST", "/api/v1/namespaces/absent/configmaps", 404, "NotFound", "namespaces \"absent\" not found") { Text = Map("a") },
        new("POST", Maps + "/a", 405, "MethodNotAllowed", "does not allow this method") { Text = Map("a") },
        new("PUT", Maps, 405, "MethodNotAllowed", "does not allow this method") { Text = Map("a") },
        new("PATCH", Maps, 405, "MethodNotAllowed", "does not allow this method") { Text = "{}", ContentType = "application/merge-patch+json" },
        new("POST", "/api/v1/configmaps", 405, "MethodNotAllowed", "does not allow this method") { Text = Map("a") },
        new("OPTIONS", Maps, 405, "MethodNotAllowed", "does not allow this method"),
        new("POST", "/version", 405, "MethodNotAllowed", "does not allow this method"),
    ];

    private static IEnumerable<BadRequestRow> Names =>
    [
        new("POST", Maps, 422, "Invalid", "metadata.name: Required value: name or generateName is required") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{}}""" },
        new("POST", Maps, 422, "Invalid", "a lowercase RFC 1123 subdomain must consist of") { Text = Map("Not_Valid") },
        new("POST", Maps, 422, "Invalid", "must be no more than 253 characters") { Text = Map(new string('a', 254)) },
        new("POST", Maps, 422, "Invalid", "metadata.name") { Text = Map("a/b") },
        new("POST", Maps, 422, "Invalid", "metadata.name") { Text = Map("..") },
        new("POST", Maps, 422, "Invalid", "metadata.labels") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"not valid":"x"} }}""" },
        new("POST", Maps, 422, "Invalid", "metadata.labels") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"a":"not valid"} }}""" },
        new("POST", Maps, 422, "Invalid", "metadata.annotations") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","annotations":{"not valid":"x"} }}""" },
        new("POST", Maps, 422, "Invalid", "metadata.finalizers") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","finalizers":["not valid"]}}""" },
        new("POST", Maps, 422, "Invalid", "metadata.ownerReferences[0].uid") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p"}]}}""" },
        new("POST", "/api/v1/namespaces", 422, "Invalid", "a lowercase RFC 1123 label must consist of") { Text = """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a.b"}}""" },
        new("POST", "N/services", 422, "Invalid", "a DNS-1035 label must consist of") { Text = """{"apiVersion":"v1","kind":"Service","metadata":{"name":"1a"},"spec":{"ports":[{"port":80}]}}""" },
        new("POST", Maps, 400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"other"}}""" },
        new("PUT", Maps + "/kube-root-ca.crt", 400, "BadRequest", "the name of the object (other) does not match the name on the URL (kube-root-ca.crt)") { Text = Map("other") },
    ];

    private static IEnumerable<BadRequestRow> Data =>
    [
        new("POST", Maps, 422, "Invalid", "a valid config key must consist of") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a b":"1"}}""" },
        new("POST", Maps, 422, "Invalid", "duplicate of key present in binaryData") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"1"},"binaryData":{"a":"YQ=="}}""" },
        new("POST", "N/secrets", 422, "Invalid", "data[a]: Invalid value: \"...\": must be base64; write plain text in stringData") { Text = """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"a":"plain!"}}""" },
        new("POST", Deployments, 422, "Invalid", "spec.selector.matchExpressions[0].operator: Invalid value: \"Near\"") { Text = Deployment("""{"key":"a","operator":"Near"}""") },
        new("POST", Deployments, 422, "Invalid", "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'") { Text = Deployment("""{"key":"a","operator":"In"}""") },
    ];

    private static IEnumerable<BadRequestRow> Selectors =>
    [
        .. new[] { "a b", "a in (", "a in b", "=", "a=b c", "!", "a notin (b", "a=(", "-a", "a=" + new string('x', 64) }
            .Select(text => new BadRequestRow("GET", $"{Maps}?labelSelector={Uri.EscapeDataString(text)}", 400, "BadRequest", "unable to parse requirement")),
        new("GET", Maps + "?fieldSelector=spec.nonsense%3D1", 400, "BadRequest", "field label not supported: spec.nonsense"),
        new("GET", Maps + "?fieldSelector=metadata.name", 400, "BadRequest", "invalid field selector"),
        new("GET", Maps + "?watch=true&fieldSelector=metadata.name", 400, "BadRequest", "invalid field selector"),
        new("GET", Maps + "?watch=true&labelSelector=a%20b", 400, "BadRequest", "unable to parse requirement"),
        new("DELETE", Maps + "?labelSelector=a%20b", 400, "BadRequest", "unable to parse requirement"),
    ];

    private static IEnumerable<BadRequestRow> Versions =>
    [
        new("GET", Maps + "?resourceVersion=abc", 400, "BadRequest", "resourceVersion"),
        new("GET", Maps + "?resourceVersion=-1", 400, "BadRequest", "resourceVersion"),
        new("GET", Maps + "?watch=true&resourceVersion=abc", 400, "BadRequest", "resourceVersion"),
        new("GET", Maps + "?watch=maybe", 400, "BadRequest", "watch: must be a boolean"),
        new("GET", Maps + "?resourceVersion=999999999", 504, "Timeout", "Too large resource version: 999999999, current: "),
        new("GET", Maps + "?limit=many", 400, "BadRequest", "limit: must be an integer"),
        new("GET", Maps + "?limit=1&continue=garbage", 400, "BadRequest", "continue key is not valid"),
        new("GET", Maps + "?watch=true&timeoutSeconds=soon", 400, "BadRequest", "timeoutSeconds: must be an integer"),
        new("GET", Maps + "?resourceVersionMatch=Nonsense&resourceVersion=1", 422, "Invalid", "resourceVersionMatch"),
        new("PUT", Maps + "/kube-root-ca.crt", 409, "Conflict", "the object has been modified; please apply your changes to the latest version and try again")
        { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"kube-root-ca.crt","resourceVersion":"1"}}""" },
        new("PUT", Maps + "/kube-root-ca.crt", 409, "Conflict", "the object has been modified")
        { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"kube-root-ca.crt","resourceVersion":"words"}}""" },
        new("PATCH", Maps + "/kube-root-ca.crt", 409, "Conflict", "the object has been modified") { ContentType = "application/merge-patch+json", Text = """{"metadata":{"resourceVersion":"1"}}""" },
        new("POST", Maps, 500, null, "resourceVersion should not be set on objects to be created") { Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","resourceVersion":"5"}}""" },
        new("DELETE", Maps + "/kube-root-ca.crt", 409, "Conflict", "the UID in the precondition (other) does not match the UID in record (") { Text = """{"preconditions":{"uid":"other"}}""" },
        new("DELETE", Maps + "/kube-root-ca.crt", 409, "Conflict", "the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (") { Text = """{"preconditions":{"resourceVersion":"1"}}""" },
        new("DELETE", Maps + "/absent", 404, "NotFound", "configmaps \"absent\" not found"),
    ];

    private static IEnumerable<BadRequestRow> Options =>
    [
        new("POST", Maps + "?dryRun=Some", 422, "Invalid", "dryRun: Unsupported value: \"Some\"") { Text = Map("a") },
        new("POST", Maps + "?fieldValidation=Some", 422, "Invalid", "fieldValidation: Unsupported value: \"Some\"") { Text = Map("a") },
        new("DELETE", Maps + "/kube-root-ca.crt?propagationPolicy=Some", 422, "Invalid", "propagationPolicy: Unsupported value: \"Some\""),
        new("DELETE", Maps + "/kube-root-ca.crt?gracePeriodSeconds=soon", 400, "BadRequest", "gracePeriodSeconds: must be an integer"),
        new("DELETE", Maps + "/kube-root-ca.crt?dryRun=Some", 422, "Invalid", "dryRun: Unsupported value: \"Some\""),
        new("DELETE", Maps + "/kube-root-ca.crt", 422, "Invalid", "propagationPolicy: Unsupported value: \"Some\"") { Text = """{"propagationPolicy":"Some"}""" },
        new("DELETE", Maps + "/kube-root-ca.crt", 400, "BadRequest", "gracePeriodSeconds must be an integer") { Text = """{"gracePeriodSeconds":"soon"}""" },
        new("DELETE", Maps + "/kube-root-ca.crt", 400, "BadRequest", "dryRun must be a list") { Text = """{"dryRun":"All"}""" },
        new("DELETE", Maps + "/kube-root-ca.crt", 422, "Invalid", "dryRun: Unsupported value: \"Some\"") { Text = """{"dryRun":["Some"]}""" },
        new("DELETE", Maps + "/kube-root-ca.crt", 400, "BadRequest", "preconditions must be an object") { Text = """{"preconditions":"none"}""" },
    ];

    private static IEnumerable<BadRequestRow> Patches =>
    [
        Json("""{"op":"add"}""", 400, "BadRequest", "array"),
        Json("""[{"op":"paint","path":"/data"}]""", 422, "Invalid", "Unexpected kind: paint"),
        Json("""[{"op":"replace","path":"/data/absent/deep","value":1}]""", 422, "Invalid", "the path step \"absent\" does not exist"),
        Json("""[{"op":"test","path":"/kind","value":"Secret"}]""", 422, "Invalid", "/kind"),
        Json("""[{"op":"replace","path":"/metadata/name","value":"other"}]""", 400, "BadRequest", "the name of the object (other) does not match the name on the URL (kube-root-ca.crt)"),
        new("PATCH", Maps + "/kube-root-ca.crt", 400, "BadRequest", "the patch is empty") { ContentType = "application/merge-patch+json" },
        new("PATCH", Maps + "/kube-root-ca.crt", 400, "BadRequest", "object") { ContentType = "application/merge-patch+json", Text = "[]" },
        new("PATCH", Maps + "/kube-root-ca.crt", 400, "BadRequest", "data") { ContentType = "application/merge-patch+json", Text = """{"data":"words"}""" },
        new("PATCH", "/apis/apps/v1/namespaces/default/deployments/absent", 404, "NotFound", "deployments.apps \"absent\" not found") { ContentType = "application/strategic-merge-patch+json", Text = "{}" },
        new("PATCH", Maps + "/kube-root-ca.crt", 400, "BadRequest", "fieldManager: Required value") { ContentType = "application/apply-patch+yaml", Text = Map("kube-root-ca.crt") },
        new("PATCH", Maps + "/kube-root-ca.crt?force=true", 400, "BadRequest", "force: Forbidden") { ContentType = "application/merge-patch+json", Text = "{}" },
        new("PATCH", Maps + "/kube-root-ca.crt", 400, "BadRequest", "Unknown patch type found: paint") { ContentType = "application/strategic-merge-patch+json", Text = """{"$patch":"paint"}""" },
    ];

    private static BadRequestRow Json(string patch, int code, string reason, string message) =>
        new("PATCH", Maps + "/kube-root-ca.crt", code, reason, message) { ContentType = "application/json-patch+json", Text = patch };

    private static string Deployment(string expression) => """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"selector":{"matchExpressions":[""" + expression
        + """]},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""";

    private static string Map(string name) => string.Create(CultureInfo.InvariantCulture, $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"} }""");
}
