namespace Fairlead.ControlPlane;

/// <summary>What a listening port is for: a connection is served by the port that it came in by, not by what its requests claim.</summary>
internal enum ListenerRole
{
    /// <summary>ADS over TLS; 15012.</summary>
    SecureDiscovery,

    /// <summary>ADS in plain text, on loopback only; 15010.</summary>
    PlainDiscovery,

    /// <summary>Metrics, readiness, debug; 15014.</summary>
    Monitoring,

    /// <summary>Webhooks over TLS; 15017.</summary>
    Webhooks,
}
