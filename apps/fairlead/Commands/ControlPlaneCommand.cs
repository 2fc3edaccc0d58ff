using System.CommandLine;
using System.Net;
using Fairlead.App.CommandLine;
using Fairlead.ControlPlane;
using Fairlead.ControlPlane.Injection;
using Fairlead.KubeClient;
using Microsoft.Extensions.Logging;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead control-plane</c>: turns watched resources into xDS and serves it to sidecars, until it is stopped.</summary>
internal static class ControlPlaneCommand
{
    private static readonly Option<string?> Kubeconfig = new("--kubeconfig") { Description = "Kubeconfig file of the API server; without it, the pod's own service account", HelpName = "FILE" };
    private static readonly Option<string?> Context = new("--context") { Description = "Context of the kubeconfig; the current one unless given", HelpName = "NAME" };

    private static readonly Option<string> ListenAddress = new("--listen-address")
    {
        Description = "Address of ports 15012, 15014 and 15017; it may come up later (15010 is on loopback only)",
        HelpName = "IP",
        DefaultValueFactory = _ => "0.0.0.0",
    };

    private static readonly Option<string> ProxyImage = new("--proxy-image")
    {
        Description = "Image of the sidecar that is injected",
        HelpName = "IMAGE",
        DefaultValueFactory = _ => new InjectionSettings().ProxyImage,
    };

    private static readonly Option<bool> NativeSidecars = new("--native-sidecars") { Description = "Inject sidecars as init containers with restartPolicy Always" };
    private static readonly Option<string> Revision = new("--revision") { Description = "Revision of this control plane (istio.io/rev)", DefaultValueFactory = _ => "default" };
    private static readonly Option<LogLevel> Verbosity = new("--log-level") { Description = "Trace, Debug, Information, Warning or Error", DefaultValueFactory = _ => LogLevel.Information };

    public static Command Create()
    {
        var command = new Command("control-plane", "Run the control plane: config in, xDS out") { Kubeconfig, Context, ListenAddress, ProxyImage, NativeSidecars, Revision, Verbosity };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancel)
    {
        if (!IPAddress.TryParse(arguments.GetValue(ListenAddress), out var address))
            throw new CommandException($"--listen-address: '{arguments.GetValue(ListenAddress)}' is no IP address");
        var image = arguments.GetValue(ProxyImage)!;
        var options = new ControlPlaneOptions
        {
            Kube = LoadKube(arguments),
            ListenAddress = address,
            Injection = new InjectionSettings
            {
                ProxyImage = image,
                CaptureImage = image,
                NativeSidecars = arguments.GetValue(NativeSidecars),
                Revision = arguments.GetValue(Revision)!,
            },
        };
        using var logs = LoggerFactory.Create(builder => builder
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            })
            .SetMinimumLevel(arguments.GetValue(Verbosity))
            .AddFilter("Microsoft", LogLevel.Warning));
        await using var process = new ControlPlaneProcess(options, TimeProvider.System, new Random(Environment.ProcessId), logs);
        try
        {
            await process.RunAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to stop: done.
            return 0;
        }
        return 0;
    }

    private static KubeConfig LoadKube(ParseResult arguments)
    {
        try
        {
            return arguments.GetValue(Kubeconfig) is { } file
                ? KubeConfig.Load(file, arguments.GetValue(Context))
                : KubeConfig.InCluster(Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST"), Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT"));
        }
        catch (KubeConfigException fault)
        {
            throw new CommandException(fault.Message, fault);
        }
    }
}
