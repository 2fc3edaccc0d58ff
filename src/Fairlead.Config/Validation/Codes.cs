namespace Fairlead.Config.Validation;

/// <summary>Codes of findings: Istio's catalogue where it has the message (research of its messages.yaml), ours from FL0001.</summary>
public static class Codes
{
    public const string SchemaValidationError = "IST0106";
    public const string SchemaWarning = "IST0133";
    public const string Deprecated = "IST0002";
    public const string UnreachableRule = "IST0130";
    public const string IneffectiveMatch = "IST0131";
    public const string ServiceEntryAddressesRequired = "IST0134";
}
