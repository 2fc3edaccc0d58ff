using System.CommandLine;
using Fairlead.App.Commands;

var root = new RootCommand("Fairlead: a service mesh that speaks Istio's API.")
{
    VersionCommand.Create(),
};

return await root.Parse(args).InvokeAsync();
