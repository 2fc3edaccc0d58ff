namespace Fairlead.Config.Analysis;

/// <summary>Codes of findings across resources: Istio's, then ours.</summary>
public static class AnalysisCodes
{
    public const string ReferencedResourceNotFound = "IST0101";
    public const string NamespaceNotInjected = "IST0102";
    public const string PodMissingProxy = "IST0103";
    public const string MisplacedAnnotation = "IST0107";
    public const string UnknownAnnotation = "IST0108";
    public const string ConflictingMeshHosts = "IST0109";
    public const string ConflictingSidecarSelectors = "IST0110";
    public const string SeveralSidecarsWithoutSelector = "IST0111";
    public const string PortSelectorRequired = "IST0112";
    public const string DeploymentSeveralServices = "IST0116";
    public const string PortNameConvention = "IST0118";
    public const string SeveralInjectionLabels = "IST0123";
    public const string InvalidAnnotation = "IST0125";
    public const string NoMatchingWorkloads = "IST0127";
    public const string NoVerificationDestination = "IST0128";
    public const string NoVerificationPort = "IST0129";
    public const string DeprecatedAnnotation = "IST0135";
    public const string AlphaAnnotation = "IST0136";
    public const string DeploymentConflictingPorts = "IST0137";
    public const string InvalidWebhook = "IST0139";
    public const string ReservedUser = "IST0144";
    public const string ImageAutoInPod = "IST0146";
    public const string ImageAutoInDeployment = "IST0147";
    public const string InjectedByDefault = "IST0148";
    public const string ExternalNamePortName = "IST0150";
    public const string TelemetryWithoutProvider = "IST0157";
    public const string ProxyImageMismatch = "IST0158";
    public const string ConflictingTelemetrySelectors = "IST0159";
    public const string SeveralTelemetriesWithoutSelector = "IST0160";
    public const string NegativeCondition = "IST0171";
    public const string SubsetSelectsNothing = "IST0173";
    public const string UnknownRuleHost = "IST0174";
    public const string ConflictingEntryProtocol = "IST0177";

    /// <summary>A host one label away from what is called.</summary>
    public const string NearHost = "FL0001";

    /// <summary>Rules for a host that no service has: they can never apply.</summary>
    public const string RulesWithoutService = "FL0002";

    /// <summary>HTTP rules for ports where only bytes are seen.</summary>
    public const string HttpRulesOnOpaquePort = "FL0003";

    /// <summary>TLS originated on a port where the application already speaks TLS.</summary>
    public const string DoubleTls = "FL0004";

    /// <summary>TLS originated to a port that speaks plain HTTP.</summary>
    public const string TlsToPlainPort = "FL0005";

    /// <summary>An opaque entry without addresses that captures a whole port.</summary>
    public const string CapturesPort = "FL0006";

    /// <summary>An entry that another one hides.</summary>
    public const string ShadowedEntry = "FL0007";

    /// <summary>Weights that do not add up to 100.</summary>
    public const string UnevenWeights = "FL0009";

    /// <summary>A name that the application can claim for any address.</summary>
    public const string SpoofableName = "FL0010";

    /// <summary>A wildcard whose names all go to the same endpoints.</summary>
    public const string WildcardWithDns = "FL0011";

    /// <summary>A setting that is accepted and not acted on.</summary>
    public const string NotActedOn = "FL0012";

    /// <summary>Traffic that is blocked because no service claims it.</summary>
    public const string BlockedDestination = "FL0013";
}
