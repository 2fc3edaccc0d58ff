namespace Fairlead.Proxy.Snapshot.Ads;

/// <summary>What the client tells about itself; called on its own task.</summary>
internal sealed class AdsReport
{
    public Action Connected { get; init; } = static () => { };

    /// <summary>The reason.</summary>
    public Action<string> Disconnected { get; init; } = static _ => { };

    /// <summary>(type URL, version, refusal or null)</summary>
    public Action<string, string, string?> Updated { get; init; } = static (_, _, _) => { };
}
