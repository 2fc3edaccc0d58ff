using Envoy.Config.Core.V3;

namespace Fairlead.Proxy.Telemetry;

/// <summary>Something of the configuration that a stream met, for the operators that print its name or its metadata.</summary>
internal interface IConfigured
{
    /// <summary>UTF-8; null or empty = it has none.</summary>
    byte[]? NameUtf8 { get; }

    /// <summary>As configured; null = none. Must not be changed.</summary>
    Metadata? Metadata { get; }

    /// <summary>What it is part of: the virtual host of a route, the listener of a filter chain. Null = nothing, or of no interest.</summary>
    IConfigured? Parent => null;
}
