using System.Globalization;

namespace Fairlead.Config.Validation;

/// <summary>Rules 21 to 26 of Istio's webhook: what an HTTP rule does with a request.</summary>
internal static class HttpActionValidation
{
    private const int LargestBody = 1024 * 1024;
    private const int LargeBody = 100 * 1024;

    private static readonly string[] RetryOn =
    [
        "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx", "refused-stream", "retriable-status-codes",
        "retriable-headers", "envoy-ratelimited", "http3-post-connect-failure", "cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
    ];

    private static readonly string[] GrpcStatuses =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*"];

    public static void Check(Report report, Field route)
    {
        if (route["redirect"].IsSet)
            Redirect(report, route, route["redirect"]);
        if (route["directResponse"].IsSet)
            DirectResponse(report, route["directResponse"]);
        if (route["fault"].IsSet)
            Fault(report, route["fault"]);
        if (route["retries"].IsSet)
            Retries(report, route["retries"]);
        if (route["rewrite"].IsSet)
            Rewrite(report, route, route["rewrite"]);
        if (route["corsPolicy"].IsSet)
            Cors(report, route["corsPolicy"]);
    }

    private static void Redirect(Report report, Field route, Field redirect)
    {
        if (redirect["uri"].Text.Length > 0 && redirect["prefixRewrite"].Text.Length > 0)
            report.Error(redirect, "redirect must not contain both uri and prefixRewrite", "keep uri or prefixRewrite");
        if (redirect["prefixRewrite"].Text.Length > 0 && route["match"].Items.Any(match => match["uri"].IsSet && !match["uri"]["prefix"].IsSet))
            report.Error(redirect["prefixRewrite"], "prefixRewrite needs a prefix match of the uri", "match uri.prefix, or use redirect.uri");
        if (!redirect.IsObject || !redirect.Entries.Any(entry => entry.Key is "uri" or "prefixRewrite" or "authority" or "scheme" or "port" or "derivePort" && entry.Value.IsSet))
            report.Error(redirect, "redirect must specify uri, authority, scheme, or port", "say what the redirect changes");
        if (redirect["redirectCode"].Integer is { } code && code is not 0 and (< 300 or > 399))
            report.Error(redirect["redirectCode"], $"{code} is not a valid redirect code, must be 300-399", "write 301, 302, 303, 307 or 308");
        else if (redirect["redirectCode"].Integer is { } known and not (0 or 301 or 302 or 303 or 307 or 308))
            report.Warn(redirect["redirectCode"], $"redirect code {known} generates no route", "write 301, 302, 303, 307 or 308");
        if (redirect["scheme"].Text is { Length: > 0 } scheme and not ("http" or "https"))
            report.Error(redirect["scheme"], $"redirect scheme \"{scheme}\" must be http or https", "write http or https");
        if (redirect["port"].IsSet && redirect["port"].Integer is not 0)
            Rules.Port(report, redirect["port"]);
    }

    private static void DirectResponse(Report report, Field response)
    {
        if (response["status"].Integer is not (>= 200 and <= 600))
            report.Error(response["status"], $"HTTP status {response["status"].Integer ?? 0} is not in range [200, 600)", "write 200 to 599");
        var body = response["body"];
        var size = Math.Max(System.Text.Encoding.UTF8.GetByteCount(body["string"].Text), body["bytes"].Text.Length * 3 / 4);
        if (size > LargestBody)
            report.Error(body, "response body size is greater than 1MB, max 1MB allowed", "serve large bodies from a service");
        else if (size > LargeBody)
            report.Warn(body, "large direct responses may impact control plane performance, consider reducing body size", "serve large bodies from a service");
    }

    private static void Fault(Report report, Field fault)
    {
        var (abort, delay) = (fault["abort"], fault["delay"]);
        if (!abort.IsSet && !delay.IsSet)
            report.Error(fault, "HTTP fault injection must have an abort and/or a delay", "add delay.fixedDelay or abort.httpStatus");
        if (abort.IsSet)
            Abort(report, abort);
        if (!delay.IsSet)
            return;
        Rules.Percent(report, delay["percentage"]);
        if (delay["exponentialDelay"].IsSet)
            report.Error(delay["exponentialDelay"], "exponentialDelay not supported yet", "use fixedDelay");
        else if (!delay["fixedDelay"].IsSet)
            report.Error(delay["fixedDelay"], "delay must have a fixedDelay", "write fixedDelay: \"1s\"", "FieldValueRequired");
        Rules.Duration(report, delay["fixedDelay"]);
        if (delay["percent"].IsSet)
            report.Warn(delay["percent"], "using deprecated setting \"percent\", use \"percentage\" instead", $"write percentage: {{value: {delay["percent"].Integer}}}");
    }

    private static void Abort(Report report, Field abort)
    {
        Rules.Percent(report, abort["percentage"]);
        if (abort["http2Error"].IsSet)
            report.Error(abort["http2Error"], "HTTP/2 abort fault injection not supported yet", "use httpStatus or grpcStatus");
        else if (!abort["httpStatus"].IsSet && !abort["grpcStatus"].IsSet)
            report.Warn(abort, "abort fault error type is not set", "add httpStatus or grpcStatus: nothing is aborted without");
        if (abort["httpStatus"].IsSet && abort["httpStatus"].Integer is not (>= 200 and <= 599))
            report.Error(abort["httpStatus"], $"HTTP status {abort["httpStatus"].Integer} is not in range [200, 599]", "write 200 to 599");
        if (abort["grpcStatus"].IsSet && !GrpcStatuses.Contains(abort["grpcStatus"].Text))
            report.Error(abort["grpcStatus"], $"gRPC status \"{abort["grpcStatus"].Text}\" is not supported", $"write one of {string.Join(", ", GrpcStatuses)}", "FieldValueNotSupported");
    }

    private static void Retries(Report report, Field retries)
    {
        var attempts = retries["attempts"].Integer ?? 0;
        if (attempts < 0)
            report.Error(retries["attempts"], "attempts cannot be negative", "write 0 or more");
        if (attempts == 0)
        {
            foreach (var name in (ReadOnlySpan<string>)["perTryTimeout", "retryOn", "retryRemoteLocalities"])
            {
                if (retries[name].IsSet)
                    report.Error(retries[name], $"http retry policy configured when attempts are set to 0 (disabled): {name}", "set attempts to 1 or more");
            }
        }
        Rules.Duration(report, retries["perTryTimeout"]);
        Rules.Duration(report, retries["backoff"]);
        foreach (var part in retries["retryOn"].Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var isStatus = int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 100 and <= 599;
            if (isStatus || RetryOn.Contains(part))
                continue;
            var near = Reading.NearMiss.Find(part, RetryOn);
            report.Error(retries["retryOn"], $"<{part}> is not a valid retryOn policy", near is null ? $"write conditions out of {string.Join(", ", RetryOn)}, or status codes" : $"did you mean \"{near}\"?", "FieldValueNotSupported");
        }
    }

    private static void Rewrite(Report report, Field route, Field rewrite)
    {
        var regex = rewrite["uriRegexRewrite"];
        if (rewrite["uri"].Text.Length > 0 && regex.IsSet)
            report.Error(rewrite, "rewrite may only contain one of uri or uriRegexRewrite", "keep uri or uriRegexRewrite");
        if (rewrite["uri"].Text.Length == 0 && rewrite["authority"].Text.Length == 0 && !regex.IsSet)
            report.Error(rewrite, "rewrite must specify at least one of uri, authority or uriRegexRewrite", "say what is rewritten");
        if (regex.IsSet)
        {
            if (regex["match"].Text.Length == 0 || regex["rewrite"].Text.Length == 0)
                report.Error(regex, "uriRegexRewrite must specify both match and rewrite", "give match and rewrite");
            else
                Rules.Regex(report, regex["match"]);
        }
        var places = new[] { rewrite["authority"].Text.Length > 0 }
            .Concat(route["route"].Items.Select(item => SetsHost(item["headers"])).Append(SetsHost(route["headers"])))
            .Count(set => set);
        if (rewrite["authority"].Text.Length > 0 && places > 1)
            report.Error(rewrite["authority"], "authority header cannot be set in more than one place", "keep rewrite.authority or the header operation");
    }

    private static bool SetsHost(Field headers) =>
        headers["request"]["set"].Entries.Any(entry => entry.Key.Equals("host", StringComparison.OrdinalIgnoreCase) || entry.Key == ":authority");

    private static void Cors(Report report, Field cors)
    {
        foreach (var origin in cors["allowOrigins"].Items)
        {
            if (!origin.IsObject || origin.Count == 0)
                report.Error(origin, "allowOrigins entry must have exact, prefix or regex", "write exact: https://example.com");
            HttpRouteValidation.Text(report, origin, emptyPrefixAllowed: false);
        }
        if (cors["allowOrigin"].Count > 0)
            report.Warn(cors["allowOrigin"], "using deprecated setting \"allowOrigin\", use \"allowOrigins\" instead", "write allowOrigins: [{exact: ...}]");
        foreach (var method in cors["allowMethods"].Items)
        {
            if (!Methods.Contains(method.Text))
                report.Error(method, $"\"{method.Text}\" is not a supported HTTP method", $"write one of {string.Join(", ", Methods)}", "FieldValueNotSupported");
        }
        foreach (var list in (ReadOnlySpan<string>)["allowHeaders", "exposeHeaders"])
        {
            foreach (var header in cors[list].Items)
            {
                if (header.Text != "*")
                    Rules.HeaderName(report, header, header.Text);
            }
        }
        Rules.Duration(report, cors["maxAge"], zeroAllowed: true);
        if (cors["maxAge"].Duration is { } age && age.Ticks % TimeSpan.TicksPerSecond != 0)
            report.Error(cors["maxAge"], "max_age duration is accurate only to seconds precision", "write whole seconds");
    }
}
