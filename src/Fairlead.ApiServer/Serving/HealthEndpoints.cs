using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Serving;

/// <summary>What is told to anyone: version and health.</summary>
internal sealed class HealthEndpoints
{
    /// <summary>The Kubernetes release whose API this is; kubectl picks its own behaviour by it.</summary>
    public const string GitVersion = "v1.31.4";

    private readonly TaskCompletionSource ready = new();

    /// <summary>The first objects are stored and the controllers run.</summary>
    public void MarkReady() => ready.TrySetResult();

    public static bool Serves(string path) => path is "/version" or "/version/" or "/healthz" or "/livez" or "/readyz" or "/healthz/ping" or "/livez/ping" or "/readyz/ping";

    public async Task AnswerAsync(HttpContext context, string path)
    {
        if (context.Request.Method is not ("GET" or "HEAD"))
            throw Refusal.MethodNotAllowed();
        if (path.StartsWith("/version", StringComparison.Ordinal))
        {
            await Answers.JsonAsync(context, 200, new JsonObject
            {
                ["major"] = "1",
                ["minor"] = "31",
                ["gitVersion"] = GitVersion,
                ["gitCommit"] = "fairlead",
                ["gitTreeState"] = "clean",
                ["buildDate"] = "2024-12-10T11:23:20Z",
                ["goVersion"] = "none",
                ["compiler"] = "roslyn",
                ["platform"] = "linux/amd64",
            });
            return;
        }
        var fine = !path.StartsWith("/readyz", StringComparison.Ordinal) || ready.Task.IsCompleted;
        context.Response.StatusCode = fine ? 200 : 500;
        var text = context.Request.Query.ContainsKey("verbose")
            ? $"[+]ping ok\n[+]store ok\n[{(fine ? '+' : '-')}]first-objects {(fine ? "ok" : "failed: not stored yet")}\n{path[1..]} check {(fine ? "passed" : "failed")}\n"
            : fine ? "ok" : "not ready: the first objects are not stored yet";
        await Answers.BytesAsync(context, Encoding.ASCII.GetBytes(text), "text/plain; charset=utf-8");
    }
}
