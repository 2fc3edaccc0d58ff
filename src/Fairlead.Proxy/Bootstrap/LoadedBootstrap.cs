namespace Fairlead.Proxy.Bootstrap;

/// <summary>A bootstrap that was read from a document.</summary>
/// <param name="Message">What it says.</param>
/// <param name="Wire">Its wire form, in the order of the document.</param>
internal sealed record LoadedBootstrap(Envoy.Config.Bootstrap.V3.Bootstrap Message, ReadOnlyMemory<byte> Wire);
