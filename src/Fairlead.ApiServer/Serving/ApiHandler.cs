using Fairlead.ApiServer.Authn;
using Fairlead.ApiServer.Discovery;
using Fairlead.ApiServer.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fairlead.ApiServer.Serving;

/// <summary>Every request's way: who asks, is it allowed, what is asked for, one answer, and a Status for every fault.</summary>
internal sealed partial class ApiHandler(
    Authenticator authenticator, DiscoveryDocuments discovery, OpenApiDocuments openApi, HealthEndpoints health,
    ReviewEndpoints reviews, ResourceEndpoints resources, RequestLimits limits, ILogger<ApiHandler> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await DispatchAsync(context);
        }
        catch (Refusal refusal)
        {
            await RefuseAsync(context, refusal);
        }
        catch (BadHttpRequestException fault)
        {
            await RefuseAsync(context, new Refusal(fault.StatusCode, fault.StatusCode == 408 ? "Timeout" : "BadRequest", fault.Message));
        }
        catch (StoreException fault)
        {
            await RefuseAsync(context, Refusal.Internal(fault.Message));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogGone(context.Request.Method, context.Request.Path);
        }
        catch (OperationCanceledException)
        {
            await RefuseAsync(context, new Refusal(504, "Timeout", "request did not complete within the allowed duration") { RetryAfterSeconds = 1 });
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            LogFault(fault, context.Request.Method, context.Request.Path);
            await RefuseAsync(context, Refusal.Internal("the server met a fault of its own; its log names it"));
        }
    }

    private async Task DispatchAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (HealthEndpoints.Serves(path))
        {
            await health.AnswerAsync(context, path);
            return;
        }
        var identity = Impersonation.Of(await authenticator.AuthenticateAsync(context) ?? throw Refusal.Unauthorized(), context.Request.Headers);
        using var slot = limits.Enter(context.Request);
        if (OpenApiDocuments.Serves(path))
            await openApi.AnswerAsync(context, path);
        else if (discovery.Serves(path))
            await discovery.AnswerAsync(context, path);
        else if (RequestTarget.Parse(path) is not { } target)
            throw Refusal.UnknownPath();
        else if (ReviewEndpoints.Serves(target))
            await reviews.AnswerAsync(context, identity, target);
        else
            await resources.AnswerAsync(context, identity, target);
    }

    private async Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        if (context.Response.HasStarted)
        {
            LogLate(context.Request.Method, context.Request.Path, refusal.Message);
            context.Abort();
            return;
        }
        await Answers.RefuseAsync(context, refusal);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogFault(Exception fault, string method, string path);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} {Path}: the client went away")]
    private partial void LogGone(string method, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} failed after its answer had begun: {Fault}")]
    private partial void LogLate(string method, string path, string fault);
}
