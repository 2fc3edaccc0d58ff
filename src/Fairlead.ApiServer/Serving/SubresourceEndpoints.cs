using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Authn;
using Fairlead.ApiServer.Patch;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Streams;
using Fairlead.Config.Kinds;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Serving;

/// <summary>Subresources that are not a view of their object: scale, tokens, binding, streams, namespace finalizing.</summary>
internal sealed class SubresourceEndpoints(
    ObjectStore store, ResourceWriter writer, AccountTokens tokens, StreamEndpoints streams, AuditLog audit, TimeProvider time)
{
    public async Task AnswerAsync(HttpContext context, Identity identity, RequestTarget target, KindDescriptor kind)
    {
        var method = context.Request.Method;
        if (target.Subresource == "scale" && kind.HasScale)
            await ScaleAsync(context, identity, target, kind);
        else if (target.Subresource == "token" && kind == KindTable.ServiceAccount && method == "POST")
            await TokenAsync(context, identity, target);
        else if (target.Subresource == "binding" && kind == KindTable.Pod && method == "POST")
            await BindAsync(context, identity, target);
        else if (target.Subresource == "finalize" && kind == KindTable.Namespace && method == "PUT")
            await FinalizeAsync(context, identity, target);
        else if (kind == KindTable.Pod && target.Subresource == "log" && method == "GET")
            await streams.LogsAsync(context, target.Namespace, target.Name);
        else if (kind == KindTable.Pod && target.Subresource is "exec" or "attach" && method is "GET" or "POST")
            await StreamAsync(context, identity, target, () => streams.RunAsync(context, target.Subresource, target.Namespace, target.Name));
        else if (kind == KindTable.Pod && target.Subresource == "portforward" && method is "GET" or "POST")
            await StreamAsync(context, identity, target, () => streams.PortForwardAsync(context, target.Namespace, target.Name));
        else
            throw Refusal.UnknownPath();
    }

    private async Task StreamAsync(HttpContext context, Identity identity, RequestTarget target, Func<Task> run)
    {
        var code = 101;
        try
        {
            await run();
        }
        catch (Refusal refusal)
        {
            code = refusal.Code;
            throw;
        }
        finally
        {
            audit.Record(identity, "create", target, dryRun: false, code);
        }
    }

    private async Task ScaleAsync(HttpContext context, Identity identity, RequestTarget target, KindDescriptor kind)
    {
        var request = ResourceEndpoints.Read(context, identity, target, kind, context.RequestAborted) with { Subresource = "" };
        var stored = store.State.Find(request.Key) ?? throw Refusal.NotFound(kind, request.Name);
        if (context.Request.Method == "GET")
        {
            await Answers.JsonAsync(context, 200, Scale(stored.Read()));
            return;
        }
        var current = Scale(stored.Read());
        var document = await BodyReader.ReadAsync(context);
        var wanted = context.Request.Method switch
        {
            "PUT" => document.Required(),
            "PATCH" => (BodyReader.MediaType(context) == "application/json-patch+json"
                ? JsonPatch.Apply(current.DeepClone(), document.Node ?? throw Refusal.BadRequest("the patch is empty"))
                : MergePatch.Apply(current.DeepClone(), document.Node)) as JsonObject ?? throw Refusal.BadRequest("the patch does not leave an object"),
            _ => throw Refusal.MethodNotAllowed(),
        };
        if (wanted.TextAt("metadata.resourceVersion") is { Length: > 0 } version && version != current.TextAt("metadata.resourceVersion"))
            throw Refusal.Modified(kind, request.Name);
        var replicas = wanted.NumberAt("spec.replicas") ?? 0;
        if (replicas < 0)
            throw Refusal.Invalid(kind, request.Name, [FieldCause.Invalid("spec.replicas", replicas.ToString(CultureInfo.InvariantCulture), "must be greater than or equal to 0")]);
        var patch = new PatchDocument(PatchKind.Merge, new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } });
        var (scaled, _) = await writer.PatchAsync(request, patch);
        audit.Record(identity, "patch", target, request.DryRun, 200);
        await Answers.JsonAsync(context, 200, Scale(scaled));
    }

    /// <summary>autoscaling/v1 Scale of a workload.</summary>
    private static JsonObject Scale(KubeObject workload)
    {
        var metadata = new JsonObject();
        foreach (var field in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (workload.Metadata[field] is { } value)
                metadata[field] = value.DeepClone();
        }
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = workload.Root.NumberAt("spec.replicas") ?? 0 },
            ["status"] = new JsonObject
            {
                ["replicas"] = workload.Root.NumberAt("status.replicas") ?? 0,
                ["selector"] = string.Join(',', workload.Root.TextMapAt("spec.selector.matchLabels").Select(pair => $"{pair.Key}={pair.Value}")),
            },
        };
    }

    private async Task TokenAsync(HttpContext context, Identity identity, RequestTarget target)
    {
        var account = store.State.Find(new ResourceKey(KindTable.ServiceAccount, target.Namespace, target.Name))
            ?? throw Refusal.NotFound(KindTable.ServiceAccount, target.Name);
        var body = (await BodyReader.ReadAsync(context)).Node as JsonObject ?? [];
        var seconds = body.NumberAt("spec.expirationSeconds") ?? 3600;
        if (seconds < AccountTokens.MinimumSeconds)
            throw new Refusal(422, "Invalid", $"TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: {seconds}: may not specify a duration less than 10 minutes");
        seconds = Math.Min(seconds, AccountTokens.MaximumSeconds);
        var (podName, podUid) = Bound(body, target.Namespace, target.Name);
        string[] audiences = body.At("spec.audiences") is JsonArray list ? [.. list.Select(audience => audience!.ToString())] : [];
        var (token, expires) = tokens.Issue(target.Namespace, target.Name, account.Uid, audiences, seconds, podName, podUid);
        audit.Record(identity, "create", target, dryRun: false, 201);
        await Answers.JsonAsync(context, 201, new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject { ["name"] = target.Name, ["namespace"] = target.Namespace, ["creationTimestamp"] = JsonPath.Timestamp(time.GetUtcNow()) },
            ["spec"] = new JsonObject
            {
                ["audiences"] = JsonPath.TextArray(audiences.Length > 0 ? audiences : [AccountTokens.Issuer]),
                ["expirationSeconds"] = seconds,
                ["boundObjectRef"] = body.At("spec.boundObjectRef")?.DeepClone(),
            },
            ["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = JsonPath.Timestamp(expires) },
        });
    }

    private (string Name, string Uid) Bound(JsonObject body, string @namespace, string account)
    {
        if (body.At("spec.boundObjectRef") is not JsonObject reference)
            return ("", "");
        if (reference.TextAt("kind") != "Pod")
            throw Refusal.BadRequest($"cannot bind token to object of type {reference.TextAt("apiVersion")}, Kind={reference.TextAt("kind")}; only Pod is known");
        var name = reference.TextAt("name");
        var pod = store.State.Find(new ResourceKey(KindTable.Pod, @namespace, name)) ?? throw Refusal.NotFound(KindTable.Pod, name);
        if (reference.TextAt("uid") is { Length: > 0 } uid && uid != pod.Uid)
            throw Refusal.Conflict(KindTable.Pod, name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        return pod.Fields.GetValueOrDefault("spec.serviceAccountName") == account
            ? (name, pod.Uid)
            : throw Refusal.BadRequest($"cannot bind token for serviceaccount \"{account}\" to pod running with different serviceaccount name.");
    }

    private async Task BindAsync(HttpContext context, Identity identity, RequestTarget target)
    {
        var node = (await BodyReader.ReadAsync(context)).Required().TextAt("target.name");
        var key = new ResourceKey(KindTable.Pod, target.Namespace, target.Name);
        var stored = store.State.Find(key) ?? throw Refusal.NotFound(KindTable.Pod, target.Name);
        var pod = stored.Read();
        if (pod.Root.TextAt("spec.nodeName") is { Length: > 0 } bound)
            throw Refusal.Conflict(KindTable.Pod, target.Name, $"pod {target.Name} is already assigned to node \"{bound}\"");
        pod.Root.Ensure("spec")["nodeName"] = node;
        var result = await store.CommitAsync(new Write(key, stored.Revision, pod), context.RequestAborted);
        if (result.Outcome != WriteOutcome.Done)
            throw Refusal.Modified(KindTable.Pod, target.Name);
        audit.Record(identity, "create", target, dryRun: false, 201);
        await Answers.JsonAsync(context, 201, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = 201 });
    }

    /// <summary>PUT namespaces/NAME/finalize: only spec.finalizers counts.</summary>
    private async Task FinalizeAsync(HttpContext context, Identity identity, RequestTarget target)
    {
        var body = (await BodyReader.ReadAsync(context)).Required();
        var request = ResourceRequest.Internal("namespace-controller", KindTable.Namespace, "", target.Name, context.RequestAborted);
        var stored = store.State.Find(request.Key) ?? throw Refusal.NotFound(KindTable.Namespace, target.Name);
        var next = stored.Read();
        next.Root.Ensure("spec")["finalizers"] = body.At("spec.finalizers")?.DeepClone() ?? new JsonArray();
        var updated = await writer.UpdateAsync(request, next);
        audit.Record(identity, "update", target, dryRun: false, 200);
        await Answers.JsonAsync(context, 200, updated.Root);
    }
}
