using System.CommandLine;
using Fairlead.App.CommandLine;
using Fairlead.App.Commands;

var root = new RootCommand("Fairlead: a service mesh that speaks Istio's API.")
{
    CaptureCommand.Create(),
    VersionCommand.Create(),
    CompletionCommand.Create(),
    WalkthroughCommand.Create(),
};

return await FairleadCommandLine.RunAsync(root, args);
