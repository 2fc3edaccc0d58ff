namespace Fairlead.Node.Images;

/// <summary>How one image is assembled on this machine; <c>Fingerprint</c> changes when what it is made from does.</summary>
internal sealed record ImageRecipe(string Repository, Func<string> Fingerprint, Func<Image, CancellationToken, Task> AssembleAsync);
