using Fairlead.ApiServer.Authn;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Resources;

/// <summary>What the server does about unknown and duplicate fields of a body: <c>fieldValidation=</c>.</summary>
public enum FieldValidation
{
    /// <summary>Fields are dropped and named in Warning headers: the real server's default.</summary>
    Warn,
    Strict,
    Ignore,
}

/// <summary>One request on a resource, as HTTP or a controller makes it.</summary>
public sealed record ResourceRequest(Identity Identity, KindDescriptor Kind, string Version, string Namespace, string Name)
{
    public string Subresource { get; init; } = "";
    public bool DryRun { get; init; }
    public FieldValidation FieldValidation { get; init; }

    /// <summary>Who owns the fields that this write sets.</summary>
    public string FieldManager { get; init; } = "unknown";

    /// <summary>Server-side apply takes fields from other managers.</summary>
    public bool Force { get; init; }

    /// <summary>Texts for Warning headers, gathered on the way.</summary>
    public List<string> Warnings { get; } = [];

    public CancellationToken Cancellation { get; init; }

    public ResourceKey Key => new(Kind, Kind.Namespaced ? Namespace : "", Name);

    public static ResourceRequest Internal(string controller, KindDescriptor kind, string @namespace, string name, CancellationToken cancellation) =>
        new(Identity.Controller(controller), kind, kind.StorageVersion, @namespace, name)
        {
            FieldManager = controller,
            Cancellation = cancellation,
        };
}
