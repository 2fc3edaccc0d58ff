using System.CommandLine;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead completion SHELL</c>: a script for the shell that asks this executable what can follow.</summary>
internal static class CompletionCommand
{
    // The parser answers [suggest:POSITION] "LINE" with one completion per line.
    private const string Bash = """
        # fairlead completion for bash: source <(fairlead completion bash)
        _fairlead() {
          local IFS=$'\n'
          mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}")
        }
        complete -o default -F _fairlead fairlead ./fairlead
        """;

    private const string Zsh = """
        #compdef fairlead
        # fairlead completion for zsh: source <(fairlead completion zsh)
        _fairlead() {
          local -a replies
          replies=("${(@f)$(${words[1]} "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -- $replies
        }
        compdef _fairlead fairlead
        """;

    private const string Fish = """
        # fairlead completion for fish: fairlead completion fish | source
        complete -f -c fairlead -a '(fairlead "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print the completion script for a shell") { shell };
        command.SetAction(result => Console.WriteLine(result.GetValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => Fish,
        }));
        return command;
    }
}
