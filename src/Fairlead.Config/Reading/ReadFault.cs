namespace Fairlead.Config.Reading;

/// <summary>Why a document could not be read: what is wrong and where.</summary>
public sealed record ReadFault(string Message, SourcePosition Position)
{
    public override string ToString() => $"{Position}: {Message}";
}
