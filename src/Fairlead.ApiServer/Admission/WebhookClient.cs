using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Admission;

/// <summary>A webhook that could not be asked, and why.</summary>
internal sealed class WebhookFault(string message) : Exception(message);

/// <summary>
/// HTTPS to webhooks: services are reached at their ready endpoints (this process needs no ClusterIP routing), the server's
/// certificate must name <c>SERVICE.NAMESPACE.svc</c> and chain to the webhook's own caBundle.
/// </summary>
internal sealed class WebhookClient(ObjectStore store, TimeProvider time) : IDisposable
{
    /// <summary>Bytes of an answer (4 MiB): a mutated object and its patch, with room.</summary>
    private const long AnswerLimit = 4 << 20;

    /// <summary>Connection pools kept, one per certificate authority and service; more means that configurations churn.</summary>
    private const int PoolLimit = 64;

    private readonly ConcurrentDictionary<(string Host, string Bundle), HttpClient> pools = new();

    public async Task<JsonObject> CallAsync(Webhook webhook, JsonObject review, CancellationToken cancellation)
    {
        var (address, host) = Address(webhook);
        using var deadline = new CancellationTokenSource(webhook.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        var url = $"{address}?timeout={(int)webhook.Timeout.TotalSeconds}s";
        try
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(review.ToJsonString(JsonText.Relaxed)));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await Pool(host, webhook.ClientConfig.TextAt("caBundle")).PostAsync(url, content, either.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            if (!answer.IsSuccessStatusCode)
                throw new WebhookFault($"an error on the server (\"{Short(body)}\") has prevented the request from succeeding: HTTP {(int)answer.StatusCode} from {address}");
            return Read(body, review.TextAt("request.uid"));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new WebhookFault($"Post \"{url}\": context deadline exceeded");
        }
        catch (Exception fault) when (fault is HttpRequestException or SocketException or AuthenticationException or IOException)
        {
            throw new WebhookFault($"Post \"{url}\": {Root(fault)}");
        }
    }

    public void Dispose()
    {
        foreach (var pool in pools.Values)
            pool.Dispose();
    }

    private static JsonObject Read(byte[] body, string uid)
    {
        try
        {
            if (JsonNode.Parse(body) is JsonObject answer && answer["response"] is JsonObject response)
            {
                return response.TextAt("uid") == uid ? response
                    : throw new WebhookFault($"expected response.uid=\"{uid}\", got \"{response.TextAt("uid")}\"");
            }
        }
        catch (JsonException fault)
        {
            throw new WebhookFault($"the answer is not JSON: {fault.Message}");
        }
        throw new WebhookFault("webhook response was absent");
    }

    private static string Root(Exception fault)
    {
        while (fault.InnerException is { } inner)
            fault = inner;
        return fault.Message;
    }

    private static string Short(byte[] body) => Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 256)));

    private (string Address, string Host) Address(Webhook webhook)
    {
        var config = webhook.ClientConfig;
        if (config.TextAt("url") is { Length: > 0 } url)
            return (url, new Uri(url).Host);
        var ns = config.TextAt("service.namespace");
        var name = config.TextAt("service.name");
        var host = $"{name}.{ns}.svc";
        var (ip, port) = ServiceEndpoints.Resolve(store.State, ns, name, (int)(config.NumberAt("service.port") ?? 443))
            ?? throw new WebhookFault(store.State.Find(new ResourceKey(KindTable.Service, ns, name)) is null
                ? $"service \"{name}\" not found"
                : $"no endpoints available for service \"{name}\"");
        return ($"https://{ip}:{port}{config.TextAt("service.path")}", host);
    }

    private HttpClient Pool(string host, string bundle)
    {
        if (pools.TryGetValue((host, bundle), out var known))
            return known;
        if (pools.Count >= PoolLimit)
        {
            foreach (var stale in pools.Keys)
            {
                if (pools.TryRemove(stale, out var removed))
                    removed.Dispose();
            }
        }
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            SslOptions = new SslClientAuthenticationOptions(),
        };
        if (bundle.Length > 0)
            handler.SslOptions.CertificateChainPolicy = Trust(bundle);
        // The handler verifies, and sends as SNI, the name in the Host header; what TargetHost says it overwrites.
        return pools.GetOrAdd((host, bundle), new HttpClient(handler) { MaxResponseContentBufferSize = AnswerLimit, DefaultRequestHeaders = { Host = host } });
    }

    private static X509ChainPolicy Trust(string bundle)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(bundle)));
        }
        catch (Exception fault) when (fault is FormatException or CryptographicException)
        {
            throw new WebhookFault($"the webhook's caBundle cannot be read: {fault.Message}");
        }
        return policy;
    }
}
