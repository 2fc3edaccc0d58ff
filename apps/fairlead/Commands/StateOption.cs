using System.CommandLine;
using Fairlead.App.Supervision;

namespace Fairlead.App.Commands;

/// <summary>The <c>--state</c> option, alike for every verb that speaks of a mesh on this machine.</summary>
internal static class StateOption
{
    public static Option<string> Instance { get; } = new("--state")
    {
        Description = "Folder that holds everything of one mesh",
        HelpName = "DIR",
        DefaultValueFactory = _ => StatePaths.DefaultRoot,
    };
}
