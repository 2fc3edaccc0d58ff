using System.Buffers;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Serving;

/// <summary>A request's body as a tree, whatever it was written in: JSON, YAML or Kubernetes protobuf.</summary>
internal static class BodyReader
{
    /// <summary>Bytes of a request body (1.5 MiB, what etcd takes at the most on a real cluster).</summary>
    public const long Limit = 3 << 19;

    public sealed record Document(JsonNode? Node, IReadOnlyList<string> Duplicates)
    {
        public JsonObject Required() => Node as JsonObject ?? throw Refusal.BadRequest("the body must hold an object");
    }

    public static async Task<Document> ReadAsync(HttpContext context)
    {
        var bytes = await BytesAsync(context);
        if (bytes.Length == 0)
            return new Document(null, []);
        switch (MediaType(context))
        {
            case "" or "application/json" or "application/json-patch+json" or "application/merge-patch+json" or "application/strategic-merge-patch+json":
                return new Document(JsonBody.Parse(bytes, out var duplicates), duplicates);
            case "application/yaml" or "application/apply-patch+yaml":
                return YamlBody.Parse(bytes);
            case "application/vnd.kubernetes.protobuf":
                return new Document(ProtobufEnvelope.Decode(bytes), []);
            case var unknown:
                throw Refusal.UnsupportedMediaType(
                    $"the body of the request was in an unknown format ({unknown}) - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf");
        }
    }

    public static string MediaType(HttpContext context) => (context.Request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    private static async Task<byte[]> BytesAsync(HttpContext context)
    {
        if (context.Request.ContentLength > Limit)
            throw TooLarge();
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > Limit)
            {
                // Taken, so that Kestrel can drain the rest and keep the connection.
                reader.AdvanceTo(read.Buffer.End);
                throw TooLarge();
            }
            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static Refusal TooLarge() => Refusal.TooLarge($"Request entity too large: limit is {Limit}");
}
