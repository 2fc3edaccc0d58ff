namespace Fairlead.Config.Reading;

/// <summary>A place in a text: line and column count from 1; <paramref name="Path"/> is a file name, or empty for standard input.</summary>
public readonly record struct SourcePosition(string Path, int Line, int Column)
{
    public override string ToString() => Path.Length == 0 ? $"{Line}:{Column}" : $"{Path}:{Line}:{Column}";
}
