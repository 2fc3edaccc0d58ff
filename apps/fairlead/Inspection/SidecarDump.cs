using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.App.CommandLine;

namespace Fairlead.App.Inspection;

/// <summary>What a pod's sidecar says that it has: its admin port's config_dump (an Envoy's answers the same), asked inside the pod.</summary>
internal static class SidecarDump
{
    /// <summary>All sections, endpoints among them.</summary>
    /// <exception cref="CommandException">kubectl or the pod does not answer.</exception>
    public static async Task<JsonObject> ReadAsync(string pod, string ns, string? kubeconfig, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("kubectl") { RedirectStandardOutput = true, RedirectStandardError = true };
        if (kubeconfig is { Length: > 0 })
            start.ArgumentList.Add("--kubeconfig=" + kubeconfig);
        foreach (var argument in (string[])["exec", "-n", ns, pod, "-c", "istio-proxy", "--", "curl", "-sS", "--fail", "http://127.0.0.1:15000/config_dump?include_eds"])
            start.ArgumentList.Add(argument);
        try
        {
            using var kubectl = Process.Start(start) ?? throw new CommandException("kubectl did not start");
            var error = kubectl.StandardError.ReadToEndAsync(cancel);
            var output = await kubectl.StandardOutput.ReadToEndAsync(cancel);
            await kubectl.WaitForExitAsync(cancel);
            if (kubectl.ExitCode != 0)
                throw new CommandException($"the sidecar of {pod}.{ns} cannot be asked: {(await error).Trim()}");
            return JsonNode.Parse(output) as JsonObject ?? throw new CommandException($"the sidecar of {pod}.{ns} answered with something else than a dump");
        }
        catch (Win32Exception missing)
        {
            throw new CommandException($"kubectl cannot be run ({missing.Message}); the pod is asked through it: put it on PATH", missing);
        }
        catch (JsonException malformed)
        {
            throw new CommandException($"the sidecar of {pod}.{ns} answered with something else than JSON: {malformed.Message}", malformed);
        }
    }

    /// <summary>The section of a type (<c>ClustersConfigDump</c> ...); null when the dump has none.</summary>
    public static JsonObject? Section(JsonObject dump, string type) => (dump["configs"] as JsonArray ?? []).OfType<JsonObject>()
        .FirstOrDefault(section => ((string?)section["@type"])?.EndsWith("." + type, StringComparison.Ordinal) == true);

    /// <summary>The resources of a section, the static ones first.</summary>
    public static IEnumerable<JsonObject> Resources(JsonObject dump, string type) => Section(dump, type) is not { } section ? [] : type switch
    {
        "ClustersConfigDump" => Lists(section, "static_clusters", "dynamic_active_clusters").Select(entry => entry["cluster"]).OfType<JsonObject>(),
        "ListenersConfigDump" => Lists(section, "static_listeners", "dynamic_listeners")
            .Select(entry => entry["listener"] ?? entry["active_state"]?["listener"]).OfType<JsonObject>(),
        "RoutesConfigDump" => Lists(section, "static_route_configs", "dynamic_route_configs").Select(entry => entry["route_config"]).OfType<JsonObject>(),
        _ => Lists(section, "static_endpoint_configs", "dynamic_endpoint_configs").Select(entry => entry["endpoint_config"]).OfType<JsonObject>(),
    };

    private static IEnumerable<JsonObject> Lists(JsonObject section, params string[] names) =>
        names.SelectMany(name => section[name] as JsonArray ?? []).OfType<JsonObject>();
}
