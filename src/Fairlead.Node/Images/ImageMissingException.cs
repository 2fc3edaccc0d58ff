namespace Fairlead.Node.Images;

/// <summary>An image that is not on this machine and cannot be made here; the message says how to bring it.</summary>
public sealed class ImageMissingException(string message) : Exception(message);
