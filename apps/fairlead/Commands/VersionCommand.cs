using System.CommandLine;
using System.Reflection;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead version</c>: what is running, one line.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Print the version of this build");
        command.SetAction(_ => Console.WriteLine(Describe()));
        return command;
    }

    private static string Describe() =>
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
