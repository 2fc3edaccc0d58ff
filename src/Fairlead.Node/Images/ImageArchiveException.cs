namespace Fairlead.Node.Images;

/// <summary>An archive that cannot be taken in; the message says what is wrong with it and what would do.</summary>
public sealed class ImageArchiveException(string message) : Exception(message);
