using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Fairlead.App.CommandLine;

namespace Fairlead.App.Inspection;

/// <summary>
/// The control plane's debug pages: on this machine its loopback port answers; on a cluster a port-forward
/// (<c>kubectl port-forward -n istio-system deploy/istiod 15014</c>) leads there, or a token is given.
/// </summary>
internal static class ControlPlanePages
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static Option<string> Address { get; } = new("--control-plane")
    {
        Description = "Monitoring address of the control plane", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:15014",
    };

    public static Option<string> TokenFile { get; } = new("--token-file")
    {
        Description = "File with a token of a service account in istio-system, where the address is not this machine's", HelpName = "FILE",
    };

    /// <summary>One page as JSON.</summary>
    /// <exception cref="CommandException">The control plane does not answer, or refuses.</exception>
    public static async Task<JsonNode> ReadAsync(ParseResult arguments, string page, CancellationToken cancel)
    {
        var address = arguments.GetValue(Address)!;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var root) || root.Scheme is not ("http" or "https"))
            throw new CommandException($"'{address}' is no address of a control plane; write it as http://HOST:PORT");
        using var client = new HttpClient { Timeout = Limit };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(root, "/debug/" + page));
        if (arguments.GetValue(TokenFile) is { Length: > 0 } file)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(file, cancel)).Trim());
        try
        {
            using var response = await client.SendAsync(request, cancel);
            var text = await response.Content.ReadAsStringAsync(cancel);
            if (response.StatusCode != HttpStatusCode.OK)
                throw new CommandException($"the control plane at {address} answers {(int)response.StatusCode}: {text.Trim()}");
            var node = JsonNode.Parse(text) ?? throw new CommandException($"the control plane at {address} answers with an empty page");
            return node is JsonObject page1 && (string?)page1["error"] is { } error ? throw new CommandException(error) : node;
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            throw new CommandException($"the control plane at {address} does not answer ({unreachable.Message}); is the mesh up (fairlead status), or is --control-plane another address?", unreachable);
        }
    }
}
