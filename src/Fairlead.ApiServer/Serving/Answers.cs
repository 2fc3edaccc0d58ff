using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Serving;

/// <summary>Writes answers: JSON, Status, Warning headers.</summary>
internal static class Answers
{
    /// <summary>Characters of Warning headers in one answer; beyond, warnings are dropped, the last one says so (the real server: 4 KiB).</summary>
    private const int WarningLimit = 4096;

    public static async Task JsonAsync(HttpContext context, int code, JsonNode body, string contentType = "application/json")
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = contentType;
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Relaxed.Encoder }))
            body.WriteTo(writer, JsonText.Relaxed);
        buffer.Write("\n"u8);
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    public static async Task BytesAsync(HttpContext context, ReadOnlyMemory<byte> body, string contentType)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }

    public static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        if (refusal.RetryAfterSeconds > 0)
            context.Response.Headers.RetryAfter = refusal.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        if (refusal.Code == 401)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        return JsonAsync(context, refusal.Code, refusal.ToStatus());
    }

    /// <summary>RFC 7234 section 5.5: code 299, agent <c>-</c>, quoted text.</summary>
    public static void Warn(HttpContext context, IEnumerable<string> warnings)
    {
        var spent = 0;
        foreach (var warning in warnings.Distinct())
        {
            var text = string.Concat(warning.Select(letter => letter is >= ' ' and < (char)127 ? letter : ' '))
                .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            spent += text.Length;
            if (spent > WarningLimit)
            {
                context.Response.Headers.Append("Warning", "299 - \"more warnings were left out\"");
                return;
            }
            context.Response.Headers.Append("Warning", $"299 - \"{text}\"");
        }
    }
}
