using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Controllers;

/// <summary>Tells users what controllers did, as core/v1 Events; the same event again raises its count.</summary>
internal sealed class EventRecorder(ObjectStore store, ResourceWriter writer, TimeProvider time)
{
    /// <summary>Distinct events remembered for counting.</summary>
    private const int MemoryLimit = 5000;

    private readonly ConcurrentDictionary<string, string> seen = new(StringComparer.Ordinal);

    public Task NormalAsync(string controller, KubeObject about, string reason, string message, CancellationToken cancellation) =>
        RecordAsync(controller, about, "Normal", reason, message, cancellation);

    public Task WarningAsync(string controller, KubeObject about, string reason, string message, CancellationToken cancellation) =>
        RecordAsync(controller, about, "Warning", reason, message, cancellation);

    private async Task RecordAsync(string controller, KubeObject about, string type, string reason, string message, CancellationToken cancellation)
    {
        var ns = about.Namespace.Length > 0 ? about.Namespace : "default";
        var moment = time.GetUtcNow();
        var now = JsonPath.Timestamp(moment);
        if (seen.Count >= MemoryLimit)
            seen.Clear();
        // A repeat finds the event that is there. The name ends in the first one's nanoseconds: events are listed as they happened.
        var name = seen.GetOrAdd($"{about.Uid}/{reason}/{message}", _ => $"{about.Name}.{(moment - DateTimeOffset.UnixEpoch).Ticks * 100:x}");
        var request = ResourceRequest.Internal(controller, KindTable.Event, ns, name, cancellation);
        try
        {
            if (store.State.Find(request.Key) is { } known)
            {
                var again = known.Read();
                again.Root["count"] = (again.Root.NumberAt("count") ?? 1) + 1;
                again.Root["lastTimestamp"] = now;
                await writer.UpdateAsync(request, again);
                return;
            }
            await writer.CreateAsync(request, new KubeObject(new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
                ["involvedObject"] = new JsonObject
                {
                    ["kind"] = about.Kind,
                    ["namespace"] = about.Namespace,
                    ["name"] = about.Name,
                    ["uid"] = about.Uid,
                    ["apiVersion"] = about.ApiVersion,
                    ["resourceVersion"] = about.ResourceVersion,
                },
                ["reason"] = reason,
                ["message"] = message,
                ["source"] = new JsonObject { ["component"] = controller },
                ["firstTimestamp"] = now,
                ["lastTimestamp"] = now,
                ["count"] = 1L,
                ["type"] = type,
                ["reportingComponent"] = controller,
                ["reportingInstance"] = "",
            }));
        }
        catch (Refusal lost) when (lost.Code is 404 or 409 or 403)
        {
            // The namespace is going, or another write of the same event was first: the event is no longer needed.
            return;
        }
    }
}
