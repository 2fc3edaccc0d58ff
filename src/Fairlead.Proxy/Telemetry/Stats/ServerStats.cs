namespace Fairlead.Proxy.Telemetry.Stats;

/// <summary>What exists once per process. Constants are offsets for <see cref="StatShard"/>.</summary>
internal sealed class ServerStats : StatGroup
{
    public const int ClusterManagerClusterAdded = 0;
    public const int ClusterManagerClusterModified = 1;
    public const int ClusterManagerClusterRemoved = 2;
    public const int ClusterManagerClusterUpdated = 3;
    public const int ListenerManagerListenerAdded = 4;
    public const int ListenerManagerListenerModified = 5;
    public const int ListenerManagerListenerRemoved = 6;
    public const int ListenerManagerListenerCreateSuccess = 7;
    public const int ListenerManagerListenerCreateFailure = 8;
    public const int AccessLogFileWriteCompleted = 9;
    public const int AccessLogFileWriteFailed = 10;
    public const int AccessLogFileLinesDropped = 11;
    public const int ServerUnsupportedFields = 12;
    public const int DnsQueries = 13;
    public const int DnsTimeouts = 14;
    public const int DnsNotFound = 15;
    public const int ClusterManagerCdsUpdateAttempt = 16;
    public const int ClusterManagerCdsUpdateSuccess = 17;
    public const int ClusterManagerCdsUpdateFailure = 18;
    public const int ClusterManagerCdsUpdateRejected = 19;
    public const int ListenerManagerLdsUpdateAttempt = 20;
    public const int ListenerManagerLdsUpdateSuccess = 21;
    public const int ListenerManagerLdsUpdateFailure = 22;
    public const int ListenerManagerLdsUpdateRejected = 23;
    public const int ControlPlaneConnect = 24;
    public const int ControlPlaneDisconnect = 25;
    public const int ControlPlaneUpdateRejected = 26;
    public const int ControlPlaneUpdateSuccess = 27;
    public const int ClusterManagerActiveClusters = 28;
    public const int ClusterManagerWarmingClusters = 29;
    public const int ListenerManagerTotalListenersActive = 30;
    public const int ListenerManagerTotalListenersWarming = 31;
    public const int ListenerManagerTotalListenersDraining = 32;
    public const int ListenerManagerWorkersStarted = 33;
    public const int ServerLive = 34;
    public const int ServerState = 35;
    public const int ServerUptime = 36;
    public const int ServerConcurrency = 37;
    public const int ServerMemoryAllocated = 38;
    public const int ServerMemoryHeapSize = 39;
    public const int ServerTotalConnections = 40;
    public const int ServerHotRestartEpoch = 41;
    public const int ControlPlaneConnectedState = 42;

    private static readonly StatDefinition[] Table =
    [
        new("cluster_manager.cluster_added", StatKind.Counter),
        new("cluster_manager.cluster_modified", StatKind.Counter),
        new("cluster_manager.cluster_removed", StatKind.Counter),
        new("cluster_manager.cluster_updated", StatKind.Counter),
        new("listener_manager.listener_added", StatKind.Counter),
        new("listener_manager.listener_modified", StatKind.Counter),
        new("listener_manager.listener_removed", StatKind.Counter),
        new("listener_manager.listener_create_success", StatKind.Counter),
        new("listener_manager.listener_create_failure", StatKind.Counter),
        new("access_log_file.write_completed", StatKind.Counter),
        new("access_log_file.write_failed", StatKind.Counter),
        new("access_log_file.lines_dropped", StatKind.Counter),
        new("server.unsupported_fields", StatKind.Counter),
        new("dns.queries", StatKind.Counter),
        new("dns.timeouts", StatKind.Counter),
        new("dns.not_found", StatKind.Counter),
        new("cluster_manager.cds.update_attempt", StatKind.Counter),
        new("cluster_manager.cds.update_success", StatKind.Counter),
        new("cluster_manager.cds.update_failure", StatKind.Counter),
        new("cluster_manager.cds.update_rejected", StatKind.Counter),
        new("listener_manager.lds.update_attempt", StatKind.Counter),
        new("listener_manager.lds.update_success", StatKind.Counter),
        new("listener_manager.lds.update_failure", StatKind.Counter),
        new("listener_manager.lds.update_rejected", StatKind.Counter),
        new("control_plane.connect", StatKind.Counter),
        new("control_plane.disconnect", StatKind.Counter),
        new("control_plane.update_rejected", StatKind.Counter),
        new("control_plane.update_success", StatKind.Counter),
        new("cluster_manager.active_clusters", StatKind.Gauge),
        new("cluster_manager.warming_clusters", StatKind.Gauge),
        new("listener_manager.total_listeners_active", StatKind.Gauge),
        new("listener_manager.total_listeners_warming", StatKind.Gauge),
        new("listener_manager.total_listeners_draining", StatKind.Gauge),
        new("listener_manager.workers_started", StatKind.Gauge),
        new("server.live", StatKind.Gauge),
        new("server.state", StatKind.Gauge),
        new("server.uptime", StatKind.Gauge),
        new("server.concurrency", StatKind.Gauge),
        new("server.memory_allocated", StatKind.Gauge),
        new("server.memory_heap_size", StatKind.Gauge),
        new("server.total_connections", StatKind.Gauge),
        new("server.hot_restart_epoch", StatKind.Gauge),
        new("control_plane.connected_state", StatKind.Gauge),
    ];

    private ServerStats()
        : base(string.Empty, string.Empty, [], Table)
    {
    }

    public static ServerStats Of(StatRegistry registry) => registry.GetOrAdd("server", () => new ServerStats());
}
