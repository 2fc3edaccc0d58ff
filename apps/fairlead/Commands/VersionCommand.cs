using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Fairlead.App.CommandLine;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead version</c>: what is running, and which API it speaks.</summary>
internal static class VersionCommand
{
    /// <summary>The Istio release whose names, headers and config this build answers with.</summary>
    private const string IstioVersion = "1.22.1";

    public static Command Create()
    {
        var output = OutputOption.Create();
        var command = new Command("version", "Print the version of this build") { output };
        command.SetAction(result => Write(Console.Out, result.GetValue(output)));
        return command;
    }

    private static void Write(TextWriter writer, OutputFormat format)
    {
        var text = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        var parts = text.Split('+', 2);
        var version = new JsonObject
        {
            ["version"] = "v" + parts[0],
            ["gitCommit"] = parts.Length > 1 ? parts[1] : "unknown",
            ["istioVersion"] = IstioVersion,
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["platform"] = RuntimeInformation.RuntimeIdentifier,
        };
        if (format != OutputFormat.Table)
        {
            StructuredOutput.Write(writer, version, format);
            return;
        }
        writer.WriteLine($"Fairlead: {version["version"]} ({version["gitCommit"]})");
        writer.WriteLine($"Istio API: {version["istioVersion"]}");
        writer.WriteLine($"Runtime: {version["runtime"]}, {version["platform"]}");
    }
}
