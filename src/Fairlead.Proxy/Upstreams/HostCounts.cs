namespace Fairlead.Proxy.Upstreams;

/// <summary>What one worker counted of one endpoint since it met it (Envoy's per-host statistics); /clusters adds the workers' up.</summary>
internal struct HostCounts
{
    public long CxTotal;
    public long CxActive;
    public long CxConnectFail;
    public long RqTotal;
    public long RqActive;
    public long RqSuccess; // answered, and not with 5xx
    public long RqError; // answered with 5xx, or not at all
    public long RqTimeout;

    public void Add(in HostCounts other)
    {
        CxTotal += other.CxTotal;
        CxActive += other.CxActive;
        CxConnectFail += other.CxConnectFail;
        RqTotal += other.RqTotal;
        RqActive += other.RqActive;
        RqSuccess += other.RqSuccess;
        RqError += other.RqError;
        RqTimeout += other.RqTimeout;
    }
}
