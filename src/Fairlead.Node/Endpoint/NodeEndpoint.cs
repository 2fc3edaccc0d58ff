using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Fairlead.Node.Machine;
using Fairlead.Node.Pods;

namespace Fairlead.Node.Endpoint;

/// <summary>
/// The node's HTTPS endpoint for the API server: exec, attach, port-forward and logs. Mutual TLS: a caller without a client certificate of the cluster's
/// authority gets no further than the handshake.
/// </summary>
internal sealed class NodeEndpoint(NodePaths paths, PodDirectory pods, Sessions sessions, TimeProvider time)
{
    /// <summary>Who may call: the API server, whose client certificate carries this organization, and administrators.</summary>
    private const string AllowedOrganization = "O=system:masters";

    public async Task RunAsync(IReadOnlyList<IPEndPoint> addresses, CancellationToken cancel)
    {
        using var serving = X509Certificate2.CreateFromPemFile(paths.ServingCertificate, paths.ServingKey);
        using var authority = X509CertificateLoader.LoadCertificateFromFile(paths.ClusterAuthority);
        // A key from PEM is ephemeral, which some platforms' TLS refuses; the exported form is not.
        using var usable = X509CertificateLoader.LoadPkcs12(serving.Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            foreach (var address in addresses)
                options.Listen(address, listen => UseMutualTls(listen, usable, authority));
        });
        await using var app = builder.Build();
        app.UseWebSockets();
        app.Run(HandleAsync);
        await app.StartAsync(cancel).ConfigureAwait(false);
        var stopped = new TaskCompletionSource();
        using var registration = cancel.Register(() => stopped.TrySetResult());
        await stopped.Task.ConfigureAwait(false);
        await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static void UseMutualTls(ListenOptions listen, X509Certificate2 serving, X509Certificate2 authority)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = serving,
            ClientCertificateMode = ClientCertificateMode.RequireCertificate,
            ClientCertificateValidation = (certificate, _, _) => IsTrusted(certificate, authority),
        });
    }

    private static bool IsTrusted(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate) && certificate.Subject.Contains(AllowedOrganization, StringComparison.Ordinal);
    }

    private async Task HandleAsync(HttpContext context)
    {
        var parts = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["healthz"])
        {
            await context.Response.WriteAsync("ok", context.RequestAborted).ConfigureAwait(false);
            return;
        }
        if (parts.Length is not (3 or 4) || parts[0] is not ("exec" or "attach" or "portForward" or "containerLogs") || (parts.Length == 3) != (parts[0] == "portForward"))
        {
            await RefuseAsync(context, 404, $"no such path; there are /exec, /attach, /containerLogs (NAMESPACE/POD/CONTAINER) and /portForward (NAMESPACE/POD)").ConfigureAwait(false);
            return;
        }
        if (pods.Find(parts[1], parts[2]) is not { } worker)
        {
            await RefuseAsync(context, 404, $"pod \"{parts[2]}\" in namespace \"{parts[1]}\" does not run on this node").ConfigureAwait(false);
            return;
        }
        if (parts[0] == "portForward")
        {
            await Sessions.PortForwardAsync(context, worker).ConfigureAwait(false);
            return;
        }
        if (worker.Pod.AllContainers.FirstOrDefault(container => container.Name == parts[3]) is not { } target)
        {
            await RefuseAsync(context, 404, $"container \"{parts[3]}\" not found in pod \"{parts[2]}\"").ConfigureAwait(false);
            return;
        }
        if (parts[0] == "containerLogs")
            await new LogAnswer(worker, target, time).WriteAsync(context).ConfigureAwait(false);
        else if (worker.Record[target.Name].Phase != ContainerPhase.Running)
            await RefuseAsync(context, 400, $"container \"{target.Name}\" in pod \"{parts[2]}\" is not running").ConfigureAwait(false);
        else if (parts[0] == "exec")
            await sessions.ExecAsync(context, worker, target).ConfigureAwait(false);
        else
            await sessions.AttachAsync(context, worker, target).ConfigureAwait(false);
    }

    public static async Task RefuseAsync(HttpContext context, int code, string message)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(message + "\n", context.RequestAborted).ConfigureAwait(false);
    }
}
