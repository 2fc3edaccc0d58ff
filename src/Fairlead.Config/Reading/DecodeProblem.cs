namespace Fairlead.Config.Reading;

/// <summary>What kind of mismatch with the schema; it decides which HTTP answer the API server gives.</summary>
public enum DecodeProblemKind
{
    /// <summary>A field that the kind does not have (400 when strict, else a warning).</summary>
    UnknownField,

    /// <summary>A key given twice in one object (as unknown fields).</summary>
    DuplicateField,

    /// <summary>JSON of the wrong type (400 for built-in kinds, 422 TypeInvalid for custom ones).</summary>
    WrongType,

    /// <summary>A value out of its limits (422 FieldValueInvalid).</summary>
    Invalid,

    /// <summary>A required field is absent (422 FieldValueRequired).</summary>
    Required,

    /// <summary>Not one of the allowed texts (422 FieldValueNotSupported).</summary>
    NotSupported,

    /// <summary>Too many items or characters (422 FieldValueTooMany, FieldValueTooLong).</summary>
    TooMany,
}

/// <summary>
/// One mismatch of an object with its schema. <paramref name="Message"/> is complete (for unknown fields
/// <c>unknown field "spec.foo"</c>, for custom resources what follows <c>path: </c> in a Status); the remedy is ours, or empty.
/// </summary>
public sealed record DecodeProblem(DecodeProblemKind Kind, string Path, string Message, string Remedy = "")
{
    /// <summary>Whether only <c>fieldValidation=Strict</c> makes it an error.</summary>
    public bool IsStrictOnly => Kind is DecodeProblemKind.UnknownField or DecodeProblemKind.DuplicateField;
}
