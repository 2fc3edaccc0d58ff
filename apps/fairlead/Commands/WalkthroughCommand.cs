using System.CommandLine;
using Fairlead.App.CommandLine;
using Fairlead.App.Walkthrough;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead walkthrough</c>: what the mesh does, shown on a mesh of its own and checked step by step.</summary>
internal static class WalkthroughCommand
{
    public static Command Create()
    {
        var step = new Option<bool>("--step") { Description = "Wait for Enter before every step" };
        var keep = new Option<bool>("--keep") { Description = "Leave the mesh up at the end, with a shell in it" };
        var internet = new Option<bool>("--internet") { Description = "Call the real sites over this machine's network" };
        var language = new Option<string>("--lang") { Description = "Language of the explanations: en or zh", DefaultValueFactory = _ => "en" };
        language.AcceptOnlyFromAmong("en", "zh");
        var inside = new Option<bool>("--inside") { Hidden = true };
        var command = new Command("walkthrough", "Show the mesh at work: real commands, real output, checked") { step, keep, language, internet, inside };
        command.SetAction((result, cancellation) =>
        {
            var options = new WalkthroughOptions(
                result.GetValue(language) == "zh" ? Language.Chinese : Language.English, result.GetValue(step), result.GetValue(keep), result.GetValue(internet));
            if (options.IsKept && Console.IsInputRedirected)
            {
                throw new CommandException("--keep opens a shell at the end and needs a terminal");
            }
            return result.GetValue(inside)
                ? new WalkthroughRun(options, Console.Out, TimeProvider.System).RunAsync(cancellation)
                : Sandbox.RunSelfAsync([.. result.Tokens.Select(token => token.Value), "--inside"], hasOwnNetwork: !options.UsesInternet);
        });
        return command;
    }
}
