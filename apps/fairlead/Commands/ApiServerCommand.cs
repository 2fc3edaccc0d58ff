using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using Fairlead.ApiServer;
using Fairlead.ApiServer.Bootstrap;
using Microsoft.Extensions.Logging;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead api-server</c>: the embedded Kubernetes-style API server, in the foreground.</summary>
internal static class ApiServerCommand
{
    public static Command Create()
    {
        var state = new Option<string>("--state") { Description = "Directory of the cluster's keys, kubeconfigs and database", DefaultValueFactory = _ => "/var/lib/fairlead" };
        var listen = new Option<string>("--listen") { Description = "Address and port for kubectl; port 0 takes a free one", DefaultValueFactory = _ => "127.0.0.1:6443" };
        var podListen = new Option<string>("--pod-listen") { Description = "Address and port for pods, on the node's bridge; empty for none", DefaultValueFactory = _ => "10.244.0.1:6443" };
        var verbose = new Option<bool>("--verbose") { Description = "Log what is tried again, too" };
        var command = new Command("api-server", "Serve the Kubernetes-style API that kubectl, the node and the control plane talk to") { state, listen, podListen, verbose };
        command.SetAction((result, cancellation) =>
        {
            if (!IPEndPoint.TryParse(result.GetValue(listen)!, out var main))
                return Fail($"--listen {result.GetValue(listen)}: not an address with a port; write for example 127.0.0.1:6443");
            IPEndPoint? pods = null;
            if (result.GetValue(podListen) is { Length: > 0 } text && !IPEndPoint.TryParse(text, out pods))
                return Fail($"--pod-listen {text}: not an address with a port; write for example 10.244.0.1:6443, or nothing for none");
            var options = new ServerOptions(Path.GetFullPath(result.GetValue(state)!)) { Listen = main, PodListen = pods };
            return RunAsync(options, result.GetValue(verbose), cancellation);
        });
        return command;
    }

    private static Task<int> Fail(string message)
    {
        Console.Error.WriteLine($"error: {message}");
        return Task.FromResult(1);
    }

    private static async Task<int> RunAsync(ServerOptions options, bool verbose, CancellationToken cancellation)
    {
        // Never disposed: a signal's handler may still run while the process ends, and must find it.
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        try
        {
            await using var server = await ApiServerProcess.StartAsync(options, TimeProvider.System, new Random(), logging => logging
                .AddSimpleConsole(console =>
                {
                    console.SingleLine = true;
                    console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                    console.UseUtcTimestamp = true;
                    console.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
                })
                .SetMinimumLevel(LogLevel.Information)
                .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
                .AddFilter("Microsoft.Hosting", LogLevel.Warning)
                .AddFilter("Fairlead", verbose ? LogLevel.Debug : LogLevel.Information), stop.Token);
            await Console.Out.WriteLineAsync($"serving on {server.Address} (kubeconfig: {Path.Combine(options.KubeconfigDirectory, "admin.conf")})");
            await server.WaitForShutdownAsync(stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }
        catch (IOException fault)
        {
            await Console.Error.WriteLineAsync($"error: the API server cannot start: {fault.Message}");
            return 1;
        }
    }
}
