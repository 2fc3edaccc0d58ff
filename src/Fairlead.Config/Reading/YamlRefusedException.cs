namespace Fairlead.Config.Reading;

/// <summary>A limit of <see cref="ReadLimits"/> was passed; never leaves the reader.</summary>
internal sealed class YamlRefusedException(string message, int line, int column) : Exception(message)
{
    public int Line { get; } = line;
    public int Column { get; } = column;
}
