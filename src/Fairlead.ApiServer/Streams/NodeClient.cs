using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fairlead.ApiServer.Pki;
using Fairlead.ApiServer.Serving;

namespace Fairlead.ApiServer.Streams;

/// <summary>Calls the node's HTTPS endpoint with mutual TLS, as Kubernetes calls a kubelet. Faults become Status answers.</summary>
internal sealed class NodeClient : IDisposable
{
    /// <summary>Bytes of an error text that is passed on.</summary>
    private const int FaultLimit = 4096;

    private readonly HttpClient http;

    public NodeClient(ClusterPki pki)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [pki.ToNode],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => pki.ToNode,
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { pki.Authority.Certificate },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>An open answer whose body is read as it comes.</summary>
    public async Task<HttpResponseMessage> GetAsync(Uri address, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = new Version(1, 1) };
        var answer = await SendAsync(request, cancellation);
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw await FaultAsync(answer, cancellation);
    }

    /// <summary>A WebSocket (RFC 6455) with one subprotocol. Made by hand of the upgrade, so that a refusal's text can be read.</summary>
    public async Task<WebSocket> ConnectAsync(Uri address, string subprotocol, CancellationToken cancellation)
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = new Version(1, 1) };
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", key);
        request.Headers.Add("Sec-WebSocket-Protocol", subprotocol);
        var answer = await SendAsync(request, cancellation);
        if ((int)answer.StatusCode != 101)
        {
            using (answer)
                throw await FaultAsync(answer, cancellation);
        }
        var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
        {
            IsServer = false,
            SubProtocol = subprotocol,
            KeepAliveInterval = TimeSpan.FromSeconds(15),
        });
    }

    /// <summary>One TCP connection to a port of a pod, from inside the pod: binary messages are its bytes, a close is the end of a half.</summary>
    public Task<WebSocket> ForwardAsync(StreamTarget target, int port, CancellationToken cancellation) =>
        ConnectAsync(new Uri(target.Node, $"portForward/{target.Namespace}/{target.Pod}?port={port}"), "portforward.fairlead.dev", cancellation);

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (Exception fault) when (fault is HttpRequestException or SocketException or AuthenticationException or IOException)
        {
            var root = fault;
            while (root.InnerException is { } inner)
                root = inner;
            throw new Refusal(500, "InternalError", $"error dialing backend: {request.RequestUri!.Authority}: {root.Message}");
        }
    }

    /// <summary>The node's text under the node's code; its 5xx are this server's internal errors.</summary>
    private static async Task<Refusal> FaultAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var buffer = new byte[FaultLimit];
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        var text = Encoding.UTF8.GetString(buffer, 0, length).Trim();
        var code = (int)answer.StatusCode;
        if (text.Length == 0)
            text = $"the node answered {code} without a reason";
        return new Refusal(code, code switch
        {
            400 => "BadRequest",
            403 => "Forbidden",
            404 => "NotFound",
            _ => "InternalError",
        }, text);
    }
}
