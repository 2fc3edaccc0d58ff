namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// Something an object says that is not acted on, or that another object overrules. Written to the object's status.
/// <c>Field</c>: Path from the object's root, such as <c>spec.http[0].fault</c>; empty for the whole object.
/// <c>Code</c>: Stable, one per reason (see <see cref="FindingCodes"/>).
/// <c>Message</c>: What follows for traffic, and what to do.
/// </summary>
public sealed record TranslationFinding(SourceReference Object, string Field, string Code, string Message);

/// <summary>The reasons of <see cref="TranslationFinding"/>.</summary>
public static class FindingCodes
{
    /// <summary>A valid field that is not translated yet.</summary>
    public const string NotSupported = "FieldNotSupported";

    /// <summary>Another object owns the host, the listener or the domain.</summary>
    public const string Shadowed = "Shadowed";

    /// <summary>Refers to something that does not exist or that this object may not see.</summary>
    public const string NotFound = "ReferenceNotFound";

    /// <summary>Can never have an effect.</summary>
    public const string NoEffect = "NoEffect";
}
