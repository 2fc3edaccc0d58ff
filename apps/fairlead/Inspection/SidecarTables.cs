using System.Text.Json.Nodes;
using Fairlead.App.CommandLine;

namespace Fairlead.App.Inspection;

/// <summary>The tables of <c>proxy-config</c>, with istioctl's columns, from a config dump.</summary>
internal static class SidecarTables
{
    private static readonly string[] LocalityParts = ["region", "zone", "sub_zone"];

    public static TextTable Clusters(JsonObject dump)
    {
        var table = new TextTable("SERVICE FQDN", "PORT", "SUBSET", "DIRECTION", "TYPE", "DESTINATION RULE");
        foreach (var cluster in SidecarDump.Resources(dump, "ClustersConfigDump").OrderBy(cluster => ServiceOf(Text(cluster["name"])), StringComparer.Ordinal))
        {
            var parts = Text(cluster["name"]).Split('|');
            var type = Text(cluster["type"]) is { Length: > 0 } known ? known : "STATIC";
            var rule = RuleOf(cluster);
            if (parts.Length == 4)
                table.Add(parts[3], parts[1], OrDash(parts[2]), parts[0], type, rule);
            else
                table.Add(Text(cluster["name"]), "-", "-", "-", type, rule);
        }
        return table;
    }

    public static TextTable Listeners(JsonObject dump)
    {
        var table = new TextTable("ADDRESSES", "PORT", "MATCH", "DESTINATION");
        foreach (var listener in SidecarDump.Resources(dump, "ListenersConfigDump")
            .OrderBy(listener => Text(listener["address"]?["socket_address"]?["address"]), StringComparer.Ordinal).ThenBy(PortOf))
        {
            var address = Text(listener["address"]?["socket_address"]?["address"]);
            foreach (var (match, destination) in Chains(listener))
                table.Add(address, PortOf(listener).ToString(System.Globalization.CultureInfo.InvariantCulture), match, destination);
        }
        return table;
    }

    public static TextTable Routes(JsonObject dump)
    {
        var table = new TextTable("NAME", "VHOST NAME", "DOMAINS", "MATCH", "VIRTUAL SERVICE");
        foreach (var configuration in SidecarDump.Resources(dump, "RoutesConfigDump").OrderBy(one => Text(one["name"]), StringComparer.Ordinal))
        {
            foreach (var host in Objects(configuration["virtual_hosts"]))
            {
                var domains = Texts(host["domains"]);
                foreach (var route in Objects(host["routes"]))
                    table.Add(Text(configuration["name"]), Text(host["name"]), Shortened(domains), Match(route["match"] as JsonObject ?? []), VirtualServiceOf(route));
            }
        }
        return table;
    }

    public static TextTable Endpoints(JsonObject dump)
    {
        var table = new TextTable("ENDPOINT", "STATUS", "LOCALITY", "CLUSTER");
        foreach (var assignment in SidecarDump.Resources(dump, "EndpointsConfigDump").OrderBy(one => Text(one["cluster_name"]), StringComparer.Ordinal))
        {
            foreach (var locality in Objects(assignment["endpoints"]))
            {
                var place = string.Join('/', LocalityParts.Select(part => Text(locality["locality"]?[part])).Where(part => part.Length > 0));
                foreach (var endpoint in Objects(locality["lb_endpoints"]))
                {
                    var address = endpoint["endpoint"]?["address"]?["socket_address"];
                    table.Add($"{Text(address?["address"])}:{address?["port_value"]}", Text(endpoint["health_status"]) is { Length: > 0 } status ? status : "HEALTHY", OrDash(place), Text(assignment["cluster_name"]));
                }
            }
        }
        return table;
    }

    private static IEnumerable<(string Match, string Destination)> Chains(JsonObject listener)
    {
        var chains = Objects(listener["filter_chains"]).Concat(listener["default_filter_chain"] is JsonObject last ? [last] : []).ToList();
        if (chains.Count == 0)
            yield return ("ALL", "-");
        foreach (var chain in chains)
            yield return (MatchOf(chain["filter_chain_match"] as JsonObject), DestinationOf(chain));
    }

    private static string MatchOf(JsonObject? match)
    {
        if (match is null || match.Count == 0)
            return "ALL";
        var parts = new List<string>();
        if (Texts(match["server_names"]) is { Count: > 0 } names)
            parts.Add("SNI: " + string.Join(',', names));
        if (Text(match["transport_protocol"]) is { Length: > 0 } transport)
            parts.Add("Trans: " + transport);
        if (Texts(match["application_protocols"]) is { Count: > 0 } protocols)
            parts.Add("App: " + string.Join(',', protocols));
        if (Objects(match["prefix_ranges"]).ToList() is { Count: > 0 } ranges)
            parts.Add("Addr: " + string.Join(',', ranges.Select(range => $"{Text(range["address_prefix"])}/{range["prefix_len"]}")));
        if (match["destination_port"] is { } port)
            parts.Add($"Port: {port}");
        return parts.Count == 0 ? "ALL" : string.Join("; ", parts);
    }

    private static string DestinationOf(JsonObject chain)
    {
        foreach (var filter in Objects(chain["filters"]))
        {
            var config = filter["typed_config"] as JsonObject ?? [];
            if (Text(config["rds"]?["route_config_name"]) is { Length: > 0 } route)
                return "Route: " + route;
            if (config["route_config"] is JsonObject inline)
                return Text(inline["name"]) is { Length: > 0 } name ? "Inline Route: " + name : "Inline Route";
            if (Text(config["cluster"]) is { Length: > 0 } cluster)
                return cluster.Contains("PassthroughCluster", StringComparison.Ordinal) ? cluster.Split('|')[0] : "Cluster: " + cluster;
            if (config["weighted_clusters"] is not null)
                return "Clusters: " + string.Join(',', Objects(config["weighted_clusters"]!["clusters"]).Select(one => Text(one["name"])));
        }
        return "Non-HTTP/Non-TCP";
    }

    private static string Match(JsonObject match)
    {
        var path = Text(match["prefix"]) is { Length: > 0 } prefix ? prefix + "*"
            : Text(match["path"]) is { Length: > 0 } exact ? exact
            : Text(match["path_separated_prefix"]) is { Length: > 0 } separated ? separated + "/*"
            : match["safe_regex"] is { } regex ? "regex " + Text(regex["regex"]) : "*";
        var extras = Objects(match["headers"]).Count() + Objects(match["query_parameters"]).Count();
        return extras > 0 ? $"{path} + {extras} more" : path;
    }

    private static string VirtualServiceOf(JsonObject route) => Reference(Text(route["metadata"]?["filter_metadata"]?["istio"]?["config"]), "virtual-service");

    private static string RuleOf(JsonObject cluster) =>
        Reference(Text(cluster["metadata"]?["filter_metadata"]?["istio"]?["config"]), "destination-rule") is { Length: > 0 } rule ? rule : "-";

    /// <summary><c>/apis/networking.istio.io/v1alpha3/namespaces/default/virtual-service/httpbin-ext</c> to <c>httpbin-ext.default</c>.</summary>
    private static string Reference(string path, string kind)
    {
        var parts = path.Split('/');
        return parts.Length == 8 && parts[6] == kind ? $"{parts[7]}.{parts[5]}" : "";
    }

    private static string ServiceOf(string cluster) => cluster.Split('|') is { Length: 4 } parts ? parts[3] + "|" + parts[1] : cluster;

    private static string Shortened(List<string> domains) => domains.Count switch
    {
        0 => "-",
        1 => domains[0],
        _ => $"{domains[0]}, {domains[1]}{(domains.Count > 2 ? $" + {domains.Count - 2} more..." : "")}",
    };

    private static int PortOf(JsonObject listener) => listener["address"]?["socket_address"]?["port_value"] is JsonValue value && value.TryGetValue(out int port) ? port : 0;

    private static string OrDash(string text) => text.Length > 0 ? text : "-";

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static List<string> Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => (string)item!)];

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
