namespace Fairlead.Node.World;

/// <summary>The world cannot be made as its file says; the message names the place and the remedy.</summary>
public sealed class WorldException(string message) : Exception(message);
