using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Upstreams;

/// <summary>One endpoint as one worker knows it: its pool and the requests this worker has there.</summary>
internal sealed class UpstreamHost
{
    public UpstreamHost(WorkerCluster cluster, Endpoint? endpoint, in IpEndpoint address)
    {
        Cluster = cluster;
        Endpoint = endpoint;
        Address = address;
        Pool = new HttpPool(this);
    }

    public WorkerCluster Cluster { get; }

    /// <summary>Null for hosts made on the fly (ORIGINAL_DST).</summary>
    public Endpoint? Endpoint { get; private set; }

    public IpEndpoint Address { get; }

    public byte[]? Hostname => Endpoint?.Hostname;

    public HttpPool Pool { get; }

    /// <summary>Requests (or TCP connections) of this worker in progress here; least request compares it.</summary>
    public int ActiveRequests { get; set; }

    /// <summary>Loop timestamp of the last use; ORIGINAL_DST hosts leave when it is old.</summary>
    public long LastUsed { get; set; }

    /// <summary>No longer an endpoint of the cluster: connections close as they become idle.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>Counted by this worker; <see cref="HostCounts.RqActive"/> is <see cref="ActiveRequests"/>.</summary>
    public HostCounts Counts;

    public HostCounts CopyCounts() => Counts with { RqActive = ActiveRequests };

    /// <summary>The update of the cluster that it was last an endpoint of; hosts of an older one have left.</summary>
    public long SeenIn { get; private set; }

    public void Adopt(Endpoint endpoint, long update)
    {
        Endpoint = endpoint;
        IsDraining = false;
        SeenIn = update;
    }

    public void Drain()
    {
        IsDraining = true;
        Pool.CloseIdle();
    }
}
