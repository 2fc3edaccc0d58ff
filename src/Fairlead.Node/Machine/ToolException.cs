namespace Fairlead.Node.Machine;

/// <summary>A program of the machine (ip, nft, runc …) refused; the message carries its command line and its own words.</summary>
public sealed class ToolException(string message) : Exception(message);
