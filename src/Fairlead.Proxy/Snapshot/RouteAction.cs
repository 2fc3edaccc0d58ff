namespace Fairlead.Proxy.Snapshot;

/// <summary>What a route does: <see cref="Forward"/>, <see cref="Redirect"/> or <see cref="DirectResponse"/>.</summary>
internal abstract class RouteAction
{
    /// <summary>Send to a cluster (envoy.config.route.v3.RouteAction).</summary>
    public sealed class Forward : RouteAction
    {
        /// <summary>Envoy's default route timeout.</summary>
        public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

        public required ClusterSelection Clusters { get; init; }

        /// <summary>Status when the cluster does not exist: 503, 404 or 500.</summary>
        public int ClusterNotFoundStatus { get; init; } = 503;

        /// <summary>Over all attempts, from the end of the request; <see cref="TimeSpan.Zero"/> = off.</summary>
        public TimeSpan Timeout { get; init; } = DefaultTimeout;

        /// <summary>Overrides the manager's stream idle timeout; null = does not.</summary>
        public TimeSpan? IdleTimeout { get; init; }

        /// <summary>Overrides the manager's max stream duration; null = does not, zero = off.</summary>
        public TimeSpan? MaxStreamDuration { get; init; }

        public RetryPolicy? Retry { get; init; }

        public PathRewrite? PathRewrite { get; init; }

        public HostRewrite? HostRewrite { get; init; }

        public bool AppendXForwardedHost { get; init; }

        public RoutePriority Priority { get; init; }

        /// <summary>Overrides of the manager's upgrades, by type.</summary>
        public IReadOnlyList<UpgradeSetting> Upgrades { get; init; } = [];
    }

    /// <summary>Answer with a redirect (envoy.config.route.v3.RedirectAction).</summary>
    public sealed class Redirect : RouteAction
    {
        /// <summary>301, 302, 303, 307 or 308.</summary>
        public required int Status { get; init; }

        /// <summary>"https" or another scheme; null = the request's.</summary>
        public byte[]? Scheme { get; init; }

        public byte[]? Host { get; init; }

        public int? Port { get; init; }

        /// <summary>Replaces path and query; a query in it replaces the request's.</summary>
        public byte[]? Path { get; init; }

        public PathRewrite? PathRewrite { get; init; }

        public bool StripQuery { get; init; }
    }

    /// <summary>Answer without an upstream (envoy.config.route.v3.DirectResponseAction).</summary>
    public sealed class DirectResponse : RouteAction
    {
        public required int Status { get; init; }

        /// <summary>Empty = no body.</summary>
        public required byte[] Body { get; init; }

        /// <summary>Formats the body per request; null = the body as it is.</summary>
        public ReplyFormat? BodyFormat { get; init; }
    }
}
