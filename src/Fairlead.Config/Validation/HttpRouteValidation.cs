using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>Rules 17, 18, 19 and 27 of Istio's webhook: the shape of an HTTP rule, its matches and its headers.</summary>
internal static class HttpRouteValidation
{
    private static readonly string[] Actions = ["redirect", "directResponse", "fault", "rewrite"];

    public static void Check(Report report, Field spec, Field route, bool isDelegate)
    {
        if (!route.IsObject)
        {
            report.Error(route, "HTTP route may not be null", "remove the item");
            return;
        }
        Shape(report, route, isDelegate);
        foreach (var match in route["match"].Items)
            Match(report, spec, match);
        VirtualServiceValidation.Weighted(report, route["route"]);
        foreach (var destination in route["route"].Items)
            Headers(report, destination["headers"]);
        Headers(report, route["headers"]);
        Rules.Duration(report, route["timeout"], zeroAllowed: true);
        HttpActionValidation.Check(report, route);
        Mirrors(report, route);
    }

    private static void Shape(Report report, Field route, bool isDelegate)
    {
        var hasRoute = route["route"].Count > 0;
        if (route["delegate"].IsSet)
        {
            if (isDelegate)
                report.Error(route["delegate"], "delegate HTTP route cannot contain delegate", "one level of delegation is supported: name the last VirtualService directly");
            if (hasRoute || route["redirect"].IsSet)
                report.Error(route["delegate"], "root HTTP route with delegate cannot contain route or redirect", "leave route and redirect to the delegate");
            if (route["delegate"]["name"].Text.Length == 0)
                report.Error(route["delegate"]["name"], "delegate must have a name", "name the delegate VirtualService", "FieldValueRequired");
            return;
        }
        if (hasRoute && route["redirect"].IsSet)
            report.Error(route["redirect"], "HTTP route cannot contain both route and redirect", "keep route or redirect");
        if (route["redirect"].IsSet && route["fault"].IsSet)
            report.Error(route["fault"], "HTTP route cannot contain both fault and redirect", "remove fault: a redirect is answered at once");
        if (route["redirect"].IsSet && route["rewrite"].IsSet)
            report.Error(route["rewrite"], "HTTP route rule cannot contain both rewrite and redirect", "use redirect.uri or redirect.prefixRewrite");
        if (route["directResponse"].IsSet)
        {
            foreach (var other in Actions.Append("route"))
            {
                if (other != "directResponse" && (other == "route" ? hasRoute : route[other].IsSet))
                    report.Error(route["directResponse"], $"HTTP route cannot contain both direct_response and {other}", $"remove {other} or directResponse");
            }
        }
        if (!hasRoute && !route["redirect"].IsSet && !route["directResponse"].IsSet)
            report.Error(route, "HTTP route, redirect or direct_response is required", "add a destination under route", "FieldValueRequired");
    }

    private static void Match(Report report, Field spec, Field match)
    {
        if (!match.IsObject)
        {
            report.Error(match, "HTTP match may not be null", "remove the item");
            return;
        }
        foreach (var name in (ReadOnlySpan<string>)["uri", "scheme", "method", "authority"])
            Text(report, match[name], emptyPrefixAllowed: name == "uri");
        foreach (var map in (ReadOnlySpan<string>)["headers", "withoutHeaders"])
        {
            foreach (var (name, value) in match[map].Entries)
                HeaderMatch(report, spec, name, value);
        }
        foreach (var (_, value) in match["queryParams"].Entries)
        {
            if (!value.IsObject)
                report.Error(value, "query parameter match may not be null", "write {} to ask for its presence");
            else
                Text(report, value, emptyPrefixAllowed: false);
        }
        if (match["port"].IsSet && match["port"].Integer is not 0)
            Rules.Port(report, match["port"]);
        Rules.Labels(report, match["sourceLabels"]);
        foreach (var gateway in match["gateways"].Items)
            VirtualServiceValidation.GatewayName(report, gateway);
        if (match["sourceNamespace"].Text is { Length: > 0 } source && !DnsName.IsLabel(source))
            report.Error(match["sourceNamespace"], $"sourceNamespace value \"{source}\" is invalid", "write the name of a namespace");
    }

    private static void HeaderMatch(Report report, Field spec, string name, Field value)
    {
        if (!value.IsObject)
        {
            report.Error(value, $"header match {name} may not be null", "write {} to ask for the header's presence");
            return;
        }
        if (name.StartsWith("@request.auth.claims", StringComparison.Ordinal))
        {
            if (spec["gateways"].Count == 0 || spec["gateways"].Items.All(gateway => gateway.Text == "mesh"))
                report.Error(value, "JWT claim based routing is only supported for gateways", "bind the VirtualService to a gateway");
        }
        else if (!name.StartsWith(':'))
        {
            Rules.HeaderName(report, value, name);
        }
        Text(report, value, emptyPrefixAllowed: false);
    }

    public static void Text(Report report, Field match, bool emptyPrefixAllowed)
    {
        if (!match.IsObject)
            return;
        if (match["prefix"].IsSet && match["prefix"].Text.Length == 0 && !emptyPrefixAllowed)
            report.Error(match["prefix"], "prefix must not be empty", "write {} to ask for presence, or a prefix");
        if (match["regex"].IsSet && !(match["regex"].Text == "*"))
            Rules.Regex(report, match["regex"]);
    }

    private static void Headers(Report report, Field headers)
    {
        foreach (var direction in (ReadOnlySpan<string>)["request", "response"])
        {
            foreach (var operation in (ReadOnlySpan<string>)["set", "add"])
            {
                foreach (var (name, value) in headers[direction][operation].Entries)
                {
                    Header(report, value, name, authorityAllowed: direction == "request");
                    if (BadFormat(value.Text))
                        report.Error(value, $"header value \"{value.Text}\" has an unescaped or unknown % command", "write %% for a percent sign, or a whole command such as %REQ(X-NAME)%");
                }
            }
            foreach (var name in headers[direction]["remove"].Items)
                Header(report, name, name.Text, authorityAllowed: false);
        }
    }

    private static void Header(Report report, Field field, string name, bool authorityAllowed)
    {
        var isHost = name.Equals("host", StringComparison.OrdinalIgnoreCase) || name == ":authority";
        if (isHost && authorityAllowed)
            return;
        if (name.StartsWith(':') || isHost)
            report.Error(field, $"header name \"{name}\" cannot have : prefix or be host here", "use rewrite.authority to change the Host header");
        else
            Rules.HeaderName(report, field, name);
    }

    // Envoy's format strings: %% is a percent sign, everything else between two percent signs is a command.
    private static bool BadFormat(string value)
    {
        for (var at = value.IndexOf('%', StringComparison.Ordinal); at >= 0; at = value.IndexOf('%', at))
        {
            var end = value.IndexOf('%', at + 1);
            if (end < 0)
                return true;
            var command = value.AsSpan(at + 1, end - at - 1);
            if (!command.IsEmpty && !char.IsAsciiLetterUpper(command[0]))
                return true;
            at = end + 1;
            if (at >= value.Length)
                return false;
        }
        return false;
    }

    private static void Mirrors(Report report, Field route)
    {
        if (route["mirror"].IsSet && route["mirrors"].Count > 0)
            report.Error(route["mirrors"], "HTTP route cannot contain both mirror and mirrors", "move mirror into mirrors");
        if (route["mirror"].IsSet)
            VirtualServiceValidation.Destination(report, route["mirror"]);
        Percent(report, route["mirrorPercentage"]);
        foreach (var name in (ReadOnlySpan<string>)["mirrorPercent", "mirror_percent"])
        {
            if (!route[name].IsSet)
                continue;
            report.Warn(route[name], "using deprecated setting \"mirrorPercent\", use \"mirrorPercentage\" instead", $"write mirrorPercentage: {{value: {route[name].Integer ?? 100}}}");
            if (route[name].Number is > 100 or < 0)
                report.Error(route[name], "mirror percent must be in range 0..100", "write 0 to 100");
        }
        foreach (var mirror in route["mirrors"].Items)
        {
            VirtualServiceValidation.Destination(report, mirror["destination"]);
            Percent(report, mirror["percentage"]);
        }
    }

    private static void Percent(Report report, Field percentage)
    {
        if (percentage["value"].Number is > 100 or < 0)
            report.Error(percentage["value"], "mirror percentage must be in range 0..100", "write 0 to 100");
    }
}
