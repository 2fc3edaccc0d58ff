using System.Net.Sockets;
using System.Text.Json.Nodes;
using Fairlead.Node.Machine;
using Fairlead.Node.Runtime;

namespace Fairlead.Node.Pods;

/// <summary>One probe of one container, run again and again; its transitions go to the pod's worker.</summary>
internal sealed class ContainerProbe(string kind, JsonObject spec, ContainerDefinition container, string containerId, string address, ContainerRuntime runtime, HttpClient client, TimeProvider time)
{
    /// <summary>What is kept of a failed probe's words, in characters (the kubelet keeps 10 KiB).</summary>
    private const int OutputLimit = 1024;

    public string Kind { get; } = kind;
    public string ContainerName => container.Name;
    public string ContainerId { get; } = containerId;

    /// <summary>Runs until cancelled; <paramref name="deliver"/> gets true or false with the reason whenever the threshold of a change is reached, <paramref name="noteFailure"/> the words of every failure.</summary>
    public async Task RunAsync(Func<ContainerProbe, bool, string, ValueTask> deliver, Action<string> noteFailure, CancellationToken cancel)
    {
        var period = TimeSpan.FromSeconds(spec.Number("periodSeconds") ?? 10);
        var failureThreshold = spec.Number("failureThreshold") ?? 3;
        var successThreshold = spec.Number("successThreshold") ?? 1;
        await Task.Delay(TimeSpan.FromSeconds(spec.Number("initialDelaySeconds") ?? 0), time, cancel).ConfigureAwait(false);
        var (successes, failures) = (0, 0);
        // Ready matters soonest right after the start: until the first success, probes come a quarter second apart at first, then at their period.
        var eager = 8;
        while (true)
        {
            var (passed, said) = await OnceAsync(cancel).ConfigureAwait(false);
            (successes, failures) = passed ? (successes + 1, 0) : (0, failures + 1);
            if (passed && successes == successThreshold)
                await deliver(this, true, "").ConfigureAwait(false);
            var isEager = !passed && eager-- > 0 && Kind != "livenessProbe";
            if (isEager)
                failures = 0;
            else if (!passed)
                noteFailure(said);
            if (!passed && failures > 0 && failures % failureThreshold == 0)
                await deliver(this, false, said).ConfigureAwait(false);
            await Task.Delay(isEager ? TimeSpan.FromMilliseconds(250) : period, time, cancel).ConfigureAwait(false);
        }
    }

    private async Task<(bool Passed, string Said)> OnceAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timer = time.CreateTimer(_ => limit.Cancel(), null, TimeSpan.FromSeconds(spec.Number("timeoutSeconds") ?? 1), Timeout.InfiniteTimeSpan);
        try
        {
            if (spec.Child("exec") is { } exec)
            {
                var (code, output) = await runtime.ExecAsync(ContainerId, exec.Texts("command"), OutputLimit, limit.Token).ConfigureAwait(false);
                return (code == 0, output);
            }
            if (spec.Child("httpGet") is { } http)
                return await GetAsync(http, limit.Token).ConfigureAwait(false);
            using var socket = new TcpClient();
            await socket.ConnectAsync(spec.Child("tcpSocket").Text("host") is { Length: > 0 } host ? host : address, Port(spec.Child("tcpSocket")), limit.Token).ConfigureAwait(false);
            return (true, "");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (false, "context deadline exceeded (timeoutSeconds)");
        }
        catch (Exception failed) when (failed is HttpRequestException or SocketException or IOException or ToolException)
        {
            return (false, failed.Message);
        }
    }

    private async Task<(bool Passed, string Said)> GetAsync(JsonObject http, CancellationToken cancel)
    {
        var scheme = http.Text("scheme") is { Length: > 0 } asked ? asked.ToLowerInvariant() : "http";
        var host = http.Text("host") is { Length: > 0 } named ? named : address;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://{host}:{Port(http)}/{http.Text("path").TrimStart('/')}");
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.31");
        foreach (var header in http.Children("httpHeaders"))
        {
            if (header.Text("name").Equals("Host", StringComparison.OrdinalIgnoreCase))
                request.Headers.Host = header.Text("value");
            else
                request.Headers.TryAddWithoutValidation(header.Text("name"), header.Text("value"));
        }
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
        var code = (int)answer.StatusCode;
        return (code is >= 200 and < 400, $"HTTP probe failed with statuscode: {code}");
    }

    /// <summary>A number, or the name of one of the container's ports.</summary>
    private int Port(JsonObject? action)
    {
        if (action.Number("port") is { } number)
            return number;
        var name = action.Text("port");
        return container.Spec.Children("ports").FirstOrDefault(port => port.Text("name") == name).Number("containerPort")
            ?? (int.TryParse(name, out var parsed) ? parsed : 0);
    }
}
