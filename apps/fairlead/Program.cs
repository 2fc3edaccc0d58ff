using System.CommandLine;
using Fairlead.App.CommandLine;
using Fairlead.App.Commands;

var root = new RootCommand("Fairlead: a service mesh that speaks Istio's API.")
{
    ApiServerCommand.Create(),
    UpCommand.Create(),
    DownCommand.Create(),
    StatusCommand.Create(),
    LogsCommand.Create(),
    NodeCommand.Create(),
    ImageCommand.Create(),
    AnalyzeCommand.Create(),
    ValidateCommand.Create(),
    ProxyStatusCommand.Create(),
    ProxyConfigCommand.Create(),
    WaitCommand.Create(),
    UnknownDestinationsCommand.Create(),
    CaptureCommand.Create(),
    ControlPlaneCommand.Create(),
    VersionCommand.Create(),
    CompletionCommand.Create(),
    WalkthroughCommand.Create(),
};

return await FairleadCommandLine.RunAsync(root, args);
