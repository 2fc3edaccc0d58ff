using System.Globalization;
using Fairlead.Node.Pods;
using Fairlead.Node.Runtime;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Node.Endpoint;

/// <summary>One <c>containerLogs</c> answer: plain text in chunks, for as long as it is followed.</summary>
internal sealed class LogAnswer(PodWorker worker, ContainerDefinition container, TimeProvider time)
{
    public async Task WriteAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (Read(query, out var reading) is { Length: > 0 } fault)
        {
            await NodeEndpoint.RefuseAsync(context, 400, fault).ConfigureAwait(false);
            return;
        }
        var state = worker.Record[container.Name];
        var attempt = state.RestartCount;
        if (IsTrue(query["previous"]))
        {
            attempt = state.Phase == ContainerPhase.Running || state.RestartCount == 0 ? attempt - 1 : attempt;
            if (attempt < 0)
            {
                await NodeEndpoint.RefuseAsync(context, 400, $"previous terminated container \"{container.Name}\" in pod \"{worker.Pod.Name}\" not found").ConfigureAwait(false);
                return;
            }
        }
        var path = worker.Folders.Log(container.Name, attempt);
        if (!File.Exists(path) && !state.HasRun)
        {
            var why = state.Message.Length > 0 ? $"{state.Reason}: {state.Message}" : state.Reason;
            await NodeEndpoint.RefuseAsync(context, 400, $"container \"{container.Name}\" in pod \"{worker.Pod.Name}\" is waiting to start: {why}").ConfigureAwait(false);
            return;
        }
        context.Response.ContentType = "text/plain";
        await context.Response.StartAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            await new ContainerLog(path, time).WriteToAsync(context.Response.Body, reading, () => HasEnded(state, attempt), context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The reader left.
            return;
        }
    }

    private static bool HasEnded(ContainerRecord state, int attempt) => state.Phase != ContainerPhase.Running || state.RestartCount != attempt;

    private string Read(IQueryCollection query, out LogReading reading)
    {
        reading = new LogReading { Follow = IsTrue(query["follow"]), Timestamps = IsTrue(query["timestamps"]) };
        foreach (var (name, text) in query.Select(pair => (pair.Key, pair.Value.ToString())))
        {
            var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            switch (name)
            {
                case "tailLines" or "limitBytes" or "sinceSeconds" when text.Length == 0:
                    continue;
                case "tailLines" or "limitBytes" or "sinceSeconds" when !isNumber:
                    return $"{name}: '{text}' is not a number";
                case "tailLines":
                    reading = reading with { TailLines = number };
                    break;
                case "limitBytes":
                    reading = reading with { LimitBytes = number };
                    break;
                case "sinceSeconds":
                    reading = reading with { Since = time.GetUtcNow() - TimeSpan.FromSeconds(number) };
                    break;
                case "sinceTime" when text.Length > 0:
                    if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since))
                        return $"sinceTime: '{text}' is not an RFC 3339 time";
                    reading = reading with { Since = since };
                    break;
            }
        }
        return "";
    }

    public static bool IsTrue(string? text) => text is "1" or "true";
}
