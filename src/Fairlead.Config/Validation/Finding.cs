using Fairlead.Config.Reading;

namespace Fairlead.Config.Validation;

/// <summary>How much a finding matters: an error would be refused or cannot work, a warning works differently from what it says.</summary>
public enum Severity
{
    Info,
    Warning,
    Error,
}

/// <summary>
/// One thing to tell the user. <paramref name="Code"/> is Istio's (IST...) where it has the message, ours (FL...) elsewhere;
/// <paramref name="Path"/> is the field; <paramref name="Remedy"/> says what to write instead.
/// </summary>
public sealed record Finding(Severity Severity, string Code, string Path, string Message, string Remedy)
{
    /// <summary>The object's kind, namespace (empty for kinds without) and name.</summary>
    public string Kind { get; init; } = "";

    public string Namespace { get; init; } = "";
    public string Name { get; init; } = "";

    /// <summary>Where the field stands when the object was read from a file.</summary>
    public SourcePosition? Position { get; init; }

    /// <summary>Cause in a Status: FieldValueInvalid, FieldValueRequired, FieldValueNotSupported, FieldValueDuplicate.</summary>
    public string Reason { get; init; } = "FieldValueInvalid";

    /// <summary><c>Kind namespace/name</c>, as istioctl prints origins.</summary>
    public string Origin => Kind.Length == 0 ? "" : Namespace.Length == 0 ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";

    public override string ToString() => $"{Severity} [{Code}] ({Origin}{(Position is { } at ? " " + at : "")}) {Path}: {Message} ({Remedy})";
}
