using System.Text.Json.Nodes;
using Fairlead.ApiServer.Patch;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;
using Microsoft.Extensions.Logging;

namespace Fairlead.ApiServer.Admission;

/// <summary>
/// Calls the registered webhooks by AdmissionReview v1: mutating ones in order of their configurations' names, each seeing
/// what the last one left; validating ones all at once. Source: Kubernetes documentation, dynamic admission control.
/// </summary>
internal sealed partial class WebhookDispatcher(ObjectStore store, WebhookClient client, ILogger<WebhookDispatcher> logger)
{
    public async Task<KubeObject> MutateAsync(ResourceRequest request, AdmissionOperation operation, KubeObject target, KubeObject? old)
    {
        var called = new List<Webhook>();
        foreach (var webhook in Registered(KindTable.MutatingWebhookConfiguration))
        {
            var before = target;
            target = await MutateOneAsync(webhook, request, operation, target, old);
            if (!ReferenceEquals(before, target) && !JsonNode.DeepEquals(before.Root, target.Root))
            {
                // Earlier ones that ask for it see the changed object once more.
                foreach (var earlier in called.Where(earlier => earlier.Reinvoked))
                    target = await MutateOneAsync(earlier, request, operation, target, old);
            }
            called.Add(webhook);
        }
        return target;
    }

    public async Task ValidateAsync(ResourceRequest request, AdmissionOperation operation, KubeObject? target, KubeObject? old)
    {
        var subject = target ?? old!;
        var state = store.State;
        var calls = new List<Task>();
        foreach (var webhook in Registered(KindTable.ValidatingWebhookConfiguration))
        {
            if (webhook.Match(request, operation, subject, state) is { } version)
                calls.Add(CallAsync(webhook, version, request, operation, target, old));
        }
        await Task.WhenAll(calls);
    }

    private IEnumerable<Webhook> Registered(KindDescriptor kind) =>
        store.State.Of(kind).Values.SelectMany(stored => stored.Read().Root.ObjectsAt("webhooks").ToArray()).Select(source => new Webhook(source));

    private async Task<KubeObject> MutateOneAsync(Webhook webhook, ResourceRequest request, AdmissionOperation operation, KubeObject target, KubeObject? old)
    {
        if (webhook.Match(request, operation, target, store.State) is not { } version)
            return target;
        var response = await CallAsync(webhook, version, request, operation, target, old);
        if (response?.TextAt("patch") is not { Length: > 0 } encoded)
            return target;
        if (response.TextAt("patchType") != "JSONPatch")
            throw Refusal.Internal($"admission webhook \"{webhook.Name}\" sent a patch of type \"{response.TextAt("patchType")}\"; only JSONPatch is known");
        try
        {
            var patch = JsonNode.Parse(Convert.FromBase64String(encoded)) ?? throw new FormatException("the patch is empty");
            var changed = new KubeObject((JsonObject)JsonPatch.Apply(target.DeepClone().Root, patch)!);
            changed.Root["apiVersion"] = request.Kind.ApiVersion(request.Kind.StorageVersion);
            return changed;
        }
        catch (Exception fault) when (fault is FormatException or System.Text.Json.JsonException or Refusal or InvalidCastException)
        {
            throw Refusal.Internal($"admission webhook \"{webhook.Name}\" sent a patch that cannot be applied: {fault.Message}");
        }
    }

    private async Task<JsonObject?> CallAsync(
        Webhook webhook, string version, ResourceRequest request, AdmissionOperation operation, KubeObject? target, KubeObject? old)
    {
        if (request.DryRun && !webhook.AllowsDryRun)
            throw Refusal.BadRequest($"admission webhook \"{webhook.Name}\" does not support dry run");
        var review = Review(version, request, operation, target, old);
        JsonObject response;
        try
        {
            response = await client.CallAsync(webhook, review, request.Cancellation);
        }
        catch (WebhookFault fault)
        {
            if (webhook.FailsClosed)
                throw Refusal.Internal($"failed calling webhook \"{webhook.Name}\": failed to call webhook: {fault.Message}");
            LogIgnored(webhook.Name, fault.Message);
            return null;
        }
        foreach (var warning in response["warnings"] as JsonArray ?? [])
        {
            if (warning is not null)
                request.Warnings.Add(warning.ToString());
        }
        return response.FlagAt("allowed") ? response : throw Denied(webhook, response["status"]);
    }

    private static Refusal Denied(Webhook webhook, JsonNode? status)
    {
        var denied = $"admission webhook \"{webhook.Name}\" denied the request";
        var message = status.TextAt("message") is { Length: > 0 } text ? $"{denied}: {text}"
            : status.TextAt("reason") is { Length: > 0 } why ? $"{denied}: {why}"
            : $"{denied} without explanation";
        // A refusal never carries a success code.
        var code = (int)Math.Max(400, status.NumberAt("code") ?? 400);
        return new Refusal(code, status.TextAt("reason"), message, status.At("details") as JsonObject);
    }

    private static JsonObject Review(string version, ResourceRequest request, AdmissionOperation operation, KubeObject? target, KubeObject? old)
    {
        var kind = request.Kind;
        JsonObject? Shown(KubeObject? source)
        {
            if (source is null)
                return null;
            var copy = source.DeepClone().Root;
            copy["apiVersion"] = kind.ApiVersion(version);
            return copy;
        }
        JsonObject KindOf(string shown) => new() { ["group"] = kind.Group, ["version"] = shown, ["kind"] = kind.Kind };
        JsonObject ResourceOf(string shown) => new() { ["group"] = kind.Group, ["version"] = shown, ["resource"] = kind.Plural };
        var body = new JsonObject
        {
            ["uid"] = Guid.NewGuid().ToString(),
            ["kind"] = KindOf(version),
            ["resource"] = ResourceOf(version),
            ["requestKind"] = KindOf(request.Version),
            ["requestResource"] = ResourceOf(request.Version),
            ["name"] = request.Name,
            ["operation"] = operation.ToString().ToUpperInvariant(),
            ["userInfo"] = request.Identity.ToUserInfo(),
            ["object"] = Shown(target),
            ["oldObject"] = Shown(old),
            ["dryRun"] = request.DryRun,
            ["options"] = new JsonObject { ["apiVersion"] = "meta.k8s.io/v1", ["kind"] = $"{operation}Options" },
        };
        if (request.Subresource.Length > 0)
            body["subResource"] = request.Subresource;
        if (kind.Namespaced)
            body["namespace"] = request.Namespace;
        return new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["request"] = body };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "webhook {Name} could not be called and its failure policy is Ignore: {Fault}")]
    private partial void LogIgnored(string name, string fault);
}
