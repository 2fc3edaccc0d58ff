using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.EndToEnd;

/// <summary>What is wrong with a request is answered as the real server answers, nobody without credentials learns more than version and health, and no secret reaches a log.</summary>
public sealed class BadRequestTests : IAsyncLifetime
{
    private const string Root = "/api/v1/namespaces/default";
    private const string Marker = "rosebud-7731";

    private readonly string _state = Directory.CreateTempSubdirectory("fairlead-bad-").FullName;
    private RunningApiServer? _server;

    private RunningApiServer Server => _server!;

    public async Task InitializeAsync() => _server = await RunningApiServer.StartAsync(_state);

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(_state, recursive: true);
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_is_answered_as_the_real_server_does_and_changes_nothing()
    {
        using var client = Server.Client();
        await client.GetAsync(Root + "/configmaps/kube-root-ca.crt");
        var before = await ObjectsAsync(client);
        var faults = new List<string>();
        foreach (var row in BadRequestRows.All)
        {
            if (await FaultAsync(client, row) is { } fault)
                faults.Add($"{row}\n  wanted {row.Code} {row.Reason}: {row.Message}\n  got {fault}");
        }
        faults.ShouldBeEmpty(string.Join("\n", faults));
        (await ObjectsAsync(client)).ShouldBe(before, "a refused request changed something");
    }

    [Fact]
    public async Task Nobody_without_credentials_gets_more_than_version_and_health()
    {
        using var key = RSA.Create(2048);
        using var own = new CertificateRequest("CN=kubernetes-admin,O=system:masters", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddYears(-1));
        using var certificate = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        using var nobody = Server.Client(certificate: null);
        using var forged = Server.Client(certificate);
        using var token = Server.Client(certificate: null);
        token.DefaultRequestHeaders.Add("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJzeXN0ZW06YWRtaW4ifQ.");
        foreach (var client in new[] { nobody, forged, token })
        {
            foreach (var path in new[] { "/version", "/healthz", "/livez", "/readyz" })
                (await client.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
            foreach (var path in new[] { "/", "/api", "/apis", "/api/v1", "/openapi/v2", "/openapi/v3", "/nothing", Root + "/pods", Root + "/secrets", "/metrics", "/logs", "/debug/pprof", "/api/v1/nodes?watch=true", Root + "/pods/x/exec" })
            {
                using var answer = await client.GetAsync(path);
                var text = await answer.Content.ReadAsStringAsync();
                answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{path}: {text}");
                JsonNode.Parse(text)!["message"]!.ToString().ShouldBe("Unauthorized");
            }
        }
    }

    [Fact]
    public async Task No_secret_and_no_token_reaches_a_log()
    {
        using var client = Server.Client();
        var coded = Convert.ToBase64String(Encoding.ASCII.GetBytes(Marker));
        var good = $$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"k":"{{coded}}"} }""";
        (string Method, string Path, string Type, string Body)[] writes =
        [
            ("POST", "/secrets", "application/json", good),
            ("POST", "/secrets", "application/json", good),
            ("POST", "/secrets", "application/json", good[..^1]),
            ("POST", "/secrets", "application/yaml", $"kind: Secret\ndata: {{k: '{coded}'\n"),
            ("POST", "/secrets", "application/json", $$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"t"},"data":{"k":"{{Marker}}!"} }"""),
            ("POST", "/secrets", "application/vnd.kubernetes.protobuf", "k8s\0" + Marker),
            ("PATCH", "/secrets/s", "application/merge-patch+json", $$"""{"stringData":{"k":"{{Marker}}"} }"""),
            ("PUT", "/secrets/s", "application/json", good),
            ("POST", $"/serviceaccounts/{Marker}/token", "application/json", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}"""),
        ];
        foreach (var (method, path, type, body) in writes)
            await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), Root + path) { Content = new StringContent(body, Encoding.UTF8, type) });
        using var asked = await client.PostAsync(Root + "/serviceaccounts/default/token", new StringContent("""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""", Encoding.UTF8, "application/json"));
        var token = JsonNode.Parse(await asked.Content.ReadAsStringAsync())!["status"]!["token"]!.ToString();
        using var bearer = Server.Client(certificate: null);
        bearer.DefaultRequestHeaders.Add("Authorization", "Bearer " + token);
        (await bearer.GetAsync(Root + "/secrets/s")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await Server.StopAsync();
        var written = Server.Printed + string.Concat(Directory.EnumerateFiles(_state, "*.log*", SearchOption.AllDirectories).Select(File.ReadAllText));
        written.ShouldContain("\"resource\":\"secrets\"");
        written = written.Replace($"\"name\":\"{Marker}\"", "", StringComparison.Ordinal);
        written.ShouldNotContain(Marker);
        written.ShouldNotContain(coded);
        written.ShouldNotContain(token.Split('.')[2]);
    }

    /// <summary>Clients that never finish: what they hold is given back in bounded time, and others are served meanwhile.</summary>
    [Fact]
    public async Task Clients_that_dawdle_or_vanish_are_let_go_and_disturb_nobody()
    {
        const int each = 50;
        var head = $"POST {Root}/configmaps HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{{\"apiVersion\":";
        var dawdlers = new List<(Socket Socket, SslStream? Stream)>();
        foreach (var part in new[] { null, "GET /version HTTP/1.1\r\nHost:", head })
        {
            for (var i = 0; i < each; i++)
            {
                var connection = await OpenAsync(part is not null);
                if (part is { Length: > 0 })
                    await connection.Stream!.WriteAsync(Encoding.ASCII.GetBytes(part));
                dawdlers.Add(connection);
            }
        }
        for (var i = 0; i < each; i++)
        {
            var (socket, stream) = await OpenAsync(secured: true);
            await stream!.WriteAsync(Encoding.ASCII.GetBytes($"GET {Root}/configmaps?watch=true HTTP/1.1\r\nHost: x\r\n\r\n"));
            await stream.ReadExactlyAsync(new byte[12]);
            // A reset, as of a machine that vanished and came back.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Dispose();
        }
        using var client = Server.Client();
        (await client.GetAsync(Root + "/configmaps")).EnsureSuccessStatusCode();
        foreach (var (socket, stream) in dawdlers)
            await EndedAsync(socket, stream);
        (await client.GetAsync(Root + "/configmaps")).EnsureSuccessStatusCode();
        Server.OpenSockets().ShouldBeLessThan(each, "connections of clients that are gone are still held");
    }

    /// <summary>A connection that an idle client may keep is not among these: each of them has begun something.</summary>
    private static async Task EndedAsync(Socket socket, SslStream? stream)
    {
        // Twice what any of the server's limits takes; the outcome does not depend on it.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(300), TimeProvider.System);
        try
        {
            var buffer = new byte[4096];
            while (await (stream is null ? socket.ReceiveAsync(buffer, patience.Token) : stream.ReadAsync(buffer, patience.Token)) > 0)
                patience.Token.ThrowIfCancellationRequested();
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            // Reset: let go as well.
            return;
        }
        finally
        {
            socket.Dispose();
        }
    }

    private async Task<(Socket Socket, SslStream? Stream)> OpenAsync(bool secured)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Server.Config.Server.Host, Server.Config.Server.Port);
        if (!secured)
            return (socket, null);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(Server.ClientOptions(Server.Config.ClientCertificate));
        return (socket, stream);
    }

    /// <summary>What came instead of the row's answer; null when that came.</summary>
    private static async Task<string?> FaultAsync(HttpClient client, BadRequestRow row)
    {
        try
        {
            using var answer = await client.SendAsync(Request(row), HttpCompletionOption.ResponseContentRead);
            var text = await answer.Content.ReadAsStringAsync();
            var status = (int)answer.StatusCode == row.Code && answer.Content.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(text) : null;
            var isRight = status?["kind"]?.ToString() == "Status" && status["reason"]?.ToString() == row.Reason && status["code"]?.ToString() == $"{row.Code}"
                && status["message"]!.ToString().Contains(row.Message, StringComparison.Ordinal);
            return isRight ? null : $"{(int)answer.StatusCode} {text[..Math.Min(text.Length, 400)]}";
        }
        catch (HttpRequestException broken)
        {
            return broken.ToString();
        }
    }

    private static HttpRequestMessage Request(BadRequestRow row)
    {
        var path = row.Path.StartsWith("N/", StringComparison.Ordinal) ? Root + row.Path[1..] : row.Path;
        var request = new HttpRequestMessage(new HttpMethod(row.Method), path);
        request.Headers.TryAddWithoutValidation("Accept", row.Accept);
        request.Headers.TransferEncodingChunked = row.Streams ? true : null;
        if (row.Body.Length > 0)
        {
            request.Content = row.Streams ? new StreamContent(new MemoryStream(row.Body)) : new ByteArrayContent(row.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", row.ContentType);
        }
        else if (row.Method is "PATCH")
        {
            request.Content = new ByteArrayContent([]);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", row.ContentType);
        }
        return request;
    }

    /// <summary>All that is stored, without its list's own revision (events and leases come and go by themselves).</summary>
    private static async Task<string> ObjectsAsync(HttpClient client)
    {
        var all = new StringBuilder();
        foreach (var path in new[] { "/api/v1/configmaps", "/api/v1/secrets", "/api/v1/services", "/api/v1/namespaces", "/apis/networking.istio.io/v1/serviceentries", "/apis/apps/v1/deployments" })
            all.AppendLine(JsonNode.Parse(await client.GetStringAsync(path))!["items"]!.ToJsonString());
        return all.ToString();
    }
}
