namespace Fairlead.App.CommandLine;

/// <summary>A verb cannot do what was asked, for a reason that the user can act on: printed as <c>error: ...</c>, exit code 1.</summary>
internal sealed class CommandException : Exception
{
    public CommandException(string message)
        : base(message)
    {
    }

    public CommandException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
