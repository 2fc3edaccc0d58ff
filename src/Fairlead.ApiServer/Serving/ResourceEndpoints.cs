using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Authn;
using Fairlead.ApiServer.Patch;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Schemas;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Tables;
using Fairlead.ApiServer.Watch;
using Fairlead.Config.Kinds;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Serving;

/// <summary>The verbs of stored resources over HTTP.</summary>
internal sealed class ResourceEndpoints(
    ObjectStore store, ResourceReader reader, ResourceWriter writer, ResourceRemoval removal, WatchEndpoint watches,
    SubresourceEndpoints subresources, TableRenderer tables, AuditLog audit, TimeProvider time)
{
    /// <summary>How long a request that is not a stream may take (the real server's).</summary>
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(60);

    public async Task AnswerAsync(HttpContext context, Identity identity, RequestTarget target)
    {
        var kind = target.Kind ?? throw Refusal.UnknownPath();
        var verb = Verb(context, target);
        var resource = target.Subresource.Length > 0 ? $"{target.Plural}/{target.Subresource}" : target.Plural;
        if (!Roles.Allows(identity, verb, target.Group, resource, target.Namespace, target.Name))
            throw Refusal.Forbidden(Roles.Denial(identity, verb, target.Group, resource, target.Namespace, target.Name), kind, target.Name);
        if (target.Subresource.Length > 0 && target.Subresource is not "status")
        {
            await subresources.AnswerAsync(context, identity, target, kind);
            return;
        }
        if (target.Subresource == "status" && !kind.HasStatus)
            throw Refusal.UnknownPath();
        if (verb == "watch")
        {
            await watches.AnswerAsync(context, kind, target);
            return;
        }
        using var deadline = new CancellationTokenSource(RequestTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        var request = Read(context, identity, target, kind, either.Token);
        if (verb is "get" or "list")
        {
            await (verb == "get" ? GetAsync(context, request) : ListAsync(context, request));
            return;
        }
        var code = 0;
        try
        {
            await (verb switch
            {
                "create" => CreateAsync(context, request),
                "update" => UpdateAsync(context, request),
                "patch" => PatchAsync(context, request),
                "delete" => DeleteAsync(context, request),
                _ => DeleteCollectionAsync(context, request),
            });
            code = context.Response.StatusCode;
        }
        catch (Refusal refusal)
        {
            Answers.Warn(context, request.Warnings);
            code = refusal.Code;
            throw;
        }
        finally
        {
            audit.Record(identity, verb, target, request.DryRun, code);
        }
    }

    /// <summary>The request's verb, as roles and the audit log name it.</summary>
    private static string Verb(HttpContext context, RequestTarget target) => context.Request.Method switch
    {
        "GET" or "HEAD" when context.Request.Query.Flag("watch") => "watch",
        "GET" or "HEAD" => target.Name.Length > 0 ? "get" : "list",
        "POST" => target.Name.Length == 0 || target.Subresource.Length > 0 ? "create" : throw Refusal.MethodNotAllowed(),
        "PUT" => target.Name.Length > 0 ? "update" : throw Refusal.MethodNotAllowed(),
        "PATCH" => target.Name.Length > 0 ? "patch" : throw Refusal.MethodNotAllowed(),
        "DELETE" => target.Name.Length > 0 ? "delete" : "deletecollection",
        _ => throw Refusal.MethodNotAllowed(),
    };

    internal static ResourceRequest Read(HttpContext context, Identity identity, RequestTarget target, KindDescriptor kind, CancellationToken cancellation)
    {
        var query = context.Request.Query;
        if (kind.Namespaced && target.Namespace.Length == 0 && (target.Name.Length > 0 || context.Request.Method == "POST"))
            throw target.Name.Length > 0 ? Refusal.UnknownPath() : Refusal.MethodNotAllowed();
        var manager = query.Text("fieldManager");
        var dry = query.Text("dryRun");
        if (dry is not ("" or "All"))
            throw new Refusal(422, "Invalid", $"{kind.Kind} \"\" is invalid: dryRun: Unsupported value: \"{dry}\": supported values: \"All\"");
        if (query.Flag("force") && BodyReader.MediaType(context) != "application/apply-patch+yaml")
            throw Refusal.BadRequest("PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch");
        return new ResourceRequest(identity, kind, target.Version, target.Namespace, target.Name)
        {
            Subresource = target.Subresource,
            DryRun = dry == "All",
            FieldManager = manager.Length > 0 ? manager : context.Request.Headers.UserAgent.ToString().Split('/')[0] is { Length: > 0 } agent ? agent : "unknown",
            FieldValidation = query.Text("fieldValidation") switch
            {
                "Strict" => FieldValidation.Strict,
                "Ignore" => FieldValidation.Ignore,
                "" or "Warn" => FieldValidation.Warn,
                var text => throw new Refusal(422, "Invalid", $"{kind.Kind} \"\" is invalid: fieldValidation: Unsupported value: \"{text}\": supported values: \"Ignore\", \"Strict\", \"Warn\""),
            },
            Force = query.Flag("force"),
            Cancellation = cancellation,
        };
    }

    private async Task GetAsync(HttpContext context, ResourceRequest request)
    {
        var stored = store.State.Find(request.Key) ?? throw Refusal.NotFound(request.Kind, request.Name);
        var form = AcceptedForm.Of(context.Request);
        if (form.Form == AnswerForm.Json)
        {
            var buffer = new ArrayBufferWriter<byte>(stored.Body.Length + 64);
            stored.WriteTo(buffer, request.Version);
            buffer.Write("\n"u8);
            await Answers.BytesAsync(context, buffer.WrittenMemory, "application/json");
            return;
        }
        await Answers.JsonAsync(context, 200, form.Form == AnswerForm.Table
            ? tables.Render(request.Kind, request.Version, [stored.Read()], stored.Revision.ToString(CultureInfo.InvariantCulture), form.Version, TableObjects(context))
            : TableRenderer.MetadataOnly(stored.Read(), form.Version));
    }

    internal static string TableObjects(HttpContext context) => context.Request.Query.Text("includeObject");

    private async Task ListAsync(HttpContext context, ResourceRequest request)
    {
        var selection = Selection.Of(context.Request.Query, request.Kind, request.Version, request.Namespace);
        var page = reader.List(request.Kind, selection, context.Request.Query);
        var form = AcceptedForm.Of(context.Request);
        if (form.Form == AnswerForm.Json)
        {
            await WriteListAsync(context, request, page);
            return;
        }
        var revision = page.Revision.ToString(CultureInfo.InvariantCulture);
        var objects = page.Items.Select(stored => stored.Read()).ToList();
        var body = form.Form == AnswerForm.Table
            ? tables.Render(request.Kind, request.Version, objects, revision, form.Version, TableObjects(context))
            : new JsonObject
            {
                ["kind"] = "PartialObjectMetadataList",
                ["apiVersion"] = "meta.k8s.io/" + form.Version,
                ["metadata"] = new JsonObject { ["resourceVersion"] = revision },
                ["items"] = new JsonArray([.. objects.Select(item => TableRenderer.MetadataOnly(item, form.Version))]),
            };
        if (page.Continue.Length > 0)
        {
            body.Ensure("metadata")["continue"] = page.Continue;
            body.Ensure("metadata")["remainingItemCount"] = page.Remaining;
        }
        await Answers.JsonAsync(context, 200, body);
    }

    private static async Task WriteListAsync(HttpContext context, ResourceRequest request, ListPage page)
    {
        context.Response.ContentType = "application/json";
        var pipe = context.Response.BodyWriter;
        var head = new StringBuilder("{\"kind\":\"").Append(request.Kind.Kind).Append("List\",\"apiVersion\":\"").Append(request.Kind.ApiVersion(request.Version))
            .Append("\",\"metadata\":{\"resourceVersion\":\"").Append(page.Revision).Append('"');
        if (page.Continue.Length > 0)
            head.Append(",\"continue\":\"").Append(page.Continue).Append("\",\"remainingItemCount\":").Append(page.Remaining);
        pipe.Write(Encoding.UTF8.GetBytes(head.Append("},\"items\":[").ToString()));
        var first = true;
        foreach (var stored in page.Items)
        {
            if (!first)
                pipe.Write(","u8);
            first = false;
            stored.WriteTo(pipe, request.Version);
            // Large lists flow: nothing is gathered beyond what the connection takes.
            if (pipe.UnflushedBytes > 64 << 10)
                await pipe.FlushAsync(context.RequestAborted);
        }
        pipe.Write("]}\n"u8);
        await pipe.FlushAsync(context.RequestAborted);
    }

    private async Task CreateAsync(HttpContext context, ResourceRequest request)
    {
        var document = await BodyReader.ReadAsync(context);
        var body = document.Required();
        StrictDecoder.Check(request, body, document.Duplicates);
        // The real server's answer, code included: it has no reason, and kubectl prints the text as it is.
        if (body.TextAt("metadata.resourceVersion") is not ("" or "0"))
            throw new Refusal(500, "", "resourceVersion should not be set on objects to be created");
        var made = await writer.CreateAsync(request, new KubeObject(body));
        await ShowAsync(context, request, 201, made);
    }

    private async Task UpdateAsync(HttpContext context, ResourceRequest request)
    {
        var document = await BodyReader.ReadAsync(context);
        var body = document.Required();
        StrictDecoder.Check(request, body, document.Duplicates);
        await ShowAsync(context, request, 200, await writer.UpdateAsync(request, new KubeObject(body)));
    }

    private async Task PatchAsync(HttpContext context, ResourceRequest request)
    {
        var kind = PatchDocument.KindOf(BodyReader.MediaType(context), request.Kind);
        if (kind == PatchKind.Apply && !context.Request.Query.ContainsKey("fieldManager"))
            throw Refusal.BadRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        var document = await BodyReader.ReadAsync(context);
        var patch = new PatchDocument(kind, document.Node ?? throw Refusal.BadRequest("the patch is empty"));
        var (result, created) = await writer.PatchAsync(request, patch);
        await ShowAsync(context, request, created ? 201 : 200, result);
    }

    private async Task DeleteAsync(HttpContext context, ResourceRequest request)
    {
        var (remaining, removed) = await removal.DeleteAsync(request, await OptionsAsync(context));
        if (remaining is not null)
        {
            await ShowAsync(context, request, 200, remaining);
            return;
        }
        var details = new JsonObject { ["name"] = request.Name };
        if (request.Kind.Group.Length > 0)
            details["group"] = request.Kind.Group;
        details["kind"] = request.Kind.Plural;
        details["uid"] = removed.Uid;
        Answers.Warn(context, request.Warnings);
        await Answers.JsonAsync(context, 200, new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        });
    }

    private async Task DeleteCollectionAsync(HttpContext context, ResourceRequest request)
    {
        var options = await OptionsAsync(context);
        var selection = Selection.Of(context.Request.Query, request.Kind, request.Version, request.Namespace);
        var page = reader.List(request.Kind, selection, context.Request.Query);
        foreach (var stored in page.Items)
        {
            try
            {
                await removal.DeleteAsync(request with { Name = stored.Key.Name, Namespace = stored.Key.Namespace }, options);
            }
            catch (Refusal gone) when (gone.Code == 404)
            {
                // Someone else deleted it meanwhile, which is what was asked for.
                continue;
            }
        }
        await WriteListAsync(context, request, page);
    }

    private static async Task<DeleteOptions> OptionsAsync(HttpContext context)
    {
        var options = DeleteOptions.From((await BodyReader.ReadAsync(context)).Node as JsonObject);
        var query = context.Request.Query;
        if (query.Number("gracePeriodSeconds") is { } grace)
            options = options with { GracePeriodSeconds = grace };
        if (query.Text("propagationPolicy") is { Length: > 0 } policy)
            options = options with { Propagation = DeleteOptions.ParsePropagation(policy) };
        return query.Text("dryRun") == "All" ? options with { DryRun = true } : options;
    }

    private async Task ShowAsync(HttpContext context, ResourceRequest request, int code, KubeObject shown)
    {
        Answers.Warn(context, request.Warnings);
        shown.Root["apiVersion"] = request.Kind.ApiVersion(request.Version);
        var form = AcceptedForm.Of(context.Request);
        await Answers.JsonAsync(context, code, form.Form switch
        {
            AnswerForm.Table => tables.Render(request.Kind, request.Version, [shown], shown.ResourceVersion, form.Version, TableObjects(context)),
            AnswerForm.Metadata => TableRenderer.MetadataOnly(shown, form.Version),
            _ => shown.Root,
        });
    }
}
