namespace Fairlead.Tidy;

/// <summary>One thing a gate objects to, in the form that editors jump to: <c>path:line: message</c>.</summary>
internal sealed record Finding(string Path, int Line, string Message)
{
    public override string ToString() => $"{Path}:{Line}: {Message}";
}
