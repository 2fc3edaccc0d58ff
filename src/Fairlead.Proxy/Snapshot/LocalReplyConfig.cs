using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Telemetry.Logging;

namespace Fairlead.Proxy.Snapshot;

/// <summary>Rewrites replies that the proxy makes itself (HttpConnectionManager.local_reply_config): the first mapper whose filter holds applies.</summary>
internal sealed class LocalReplyConfig
{
    public static readonly LocalReplyConfig None = new() { Mappers = [] };

    public required IReadOnlyList<Mapper> Mappers { get; init; }

    /// <summary>Format of every reply's body that no mapper formats; null = as it is.</summary>
    public ReplyFormat? BodyFormat { get; init; }

    public sealed class Mapper
    {
        public required LogFilter Filter { get; init; }

        public int? StatusCode { get; init; }

        public byte[]? Body { get; init; }

        public ReplyFormat? BodyFormat { get; init; }

        public HeaderMutations Headers { get; init; } = HeaderMutations.None;
    }
}
