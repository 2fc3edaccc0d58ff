using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Serving;

/// <summary>
/// A request that is answered with a Status of failure, in the texts of the real server
/// (k8s.io/apimachinery, api/errors). Thrown where the fault is found; caught once, where the response is written.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "it is an answer; that it travels as an exception is a detail")]
public sealed class Refusal(int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    public int Code { get; } = code;
    public string Reason { get; } = reason;
    public JsonObject? Details { get; } = details;

    /// <summary>Seconds after which the client may try again; 0: not said.</summary>
    public int RetryAfterSeconds { get; init; }

    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (Reason.Length > 0)
            status["reason"] = Reason;
        if (Details is not null)
            status["details"] = Details.DeepClone();
        status["code"] = Code;
        return status;
    }

    public static Refusal NotFound(KindDescriptor kind, string name) => new(404, "NotFound",
        $"{kind.QualifiedResource} \"{name}\" not found", DetailsOf(kind, name, plural: true));

    /// <summary>A path that names nothing this server knows.</summary>
    public static Refusal UnknownPath() => new(404, "NotFound", "the server could not find the requested resource",
        new JsonObject());

    public static Refusal AlreadyExists(KindDescriptor kind, string name) => new(409, "AlreadyExists",
        $"{kind.QualifiedResource} \"{name}\" already exists", DetailsOf(kind, name, plural: true));

    public static Refusal Conflict(KindDescriptor kind, string name, string message) => new(409, "Conflict",
        $"Operation cannot be fulfilled on {kind.QualifiedResource} \"{name}\": {message}", DetailsOf(kind, name, plural: true));

    public static Refusal Modified(KindDescriptor kind, string name) => Conflict(kind, name,
        "the object has been modified; please apply your changes to the latest version and try again");

    public static Refusal BadRequest(string message) => new(400, "BadRequest", message);

    public static Refusal Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static Refusal Forbidden(string message, KindDescriptor? kind = null, string name = "") =>
        new(403, "Forbidden", message, kind is null ? null : DetailsOf(kind, name, plural: true));

    public static Refusal MethodNotAllowed() => new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new JsonObject());

    public static Refusal UnsupportedMediaType(string message) => new(415, "UnsupportedMediaType", message);

    public static Refusal TooLarge(string message) => new(413, "RequestEntityTooLarge", message);

    public static Refusal Expired(string message) => new(410, "Expired", message);

    /// <summary>A revision that this server has not reached: clients (client-go's reflector among them) then list anew.</summary>
    public static Refusal FutureVersion(long asked, long current) => new(504, "Timeout", $"Too large resource version: {asked}, current: {current}",
        new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }), ["retryAfterSeconds"] = 1 })
    { RetryAfterSeconds = 1 };

    public static Refusal Internal(string message) => new(500, "InternalError", $"Internal error occurred: {message}",
        new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) });

    public static Refusal Unavailable(string message) => new(503, "ServiceUnavailable", message) { RetryAfterSeconds = 1 };

    /// <summary>The object breaks rules of its kind: one cause per broken rule.</summary>
    public static Refusal Invalid(KindDescriptor kind, string name, IReadOnlyList<FieldCause> causes)
    {
        var text = string.Join(", ", causes.Select(cause => $"{cause.Field}: {cause.Message}"));
        if (causes.Count > 1)
            text = $"[{text}]";
        var details = DetailsOf(kind, name, plural: false);
        details["causes"] = new JsonArray([.. causes.Select(cause => new JsonObject
        {
            ["reason"] = cause.Reason,
            ["message"] = cause.Message,
            ["field"] = cause.Field,
        })]);
        var qualified = kind.Group.Length == 0 ? kind.Kind : $"{kind.Kind}.{kind.Group}";
        return new Refusal(422, "Invalid", $"{qualified} \"{name}\" is invalid: {text}", details);
    }

    private static JsonObject DetailsOf(KindDescriptor kind, string name, bool plural)
    {
        var details = new JsonObject();
        if (name.Length > 0)
            details["name"] = name;
        if (kind.Group.Length > 0)
            details["group"] = kind.Group;
        details["kind"] = plural ? kind.Plural : kind.Kind;
        return details;
    }
}

/// <summary>One broken rule: <c>FieldValueRequired</c>, <c>FieldValueInvalid</c> ..., its text and the path of the field.</summary>
public sealed record FieldCause(string Reason, string Message, string Field)
{
    public static FieldCause Required(string field, string detail = "") =>
        new("FieldValueRequired", detail.Length == 0 ? "Required value" : $"Required value: {detail}", field);

    public static FieldCause Invalid(string field, string value, string detail) =>
        new("FieldValueInvalid", $"Invalid value: {value}: {detail}", field);

    public static FieldCause Forbidden(string field, string detail) => new("FieldValueForbidden", $"Forbidden: {detail}", field);
}
