namespace Fairlead.Proxy.Upstreams;

/// <summary>
/// Earliest-deadline-first choice for unequal weights, as Envoy's EDF scheduler: deadline = time of the pick + 1/weight, ties by
/// order of insertion. A binary heap over the hosts; a pick is O(log n) and allocates nothing.
/// </summary>
internal sealed class HostSchedule
{
    private readonly Entry[] _heap;
    private int _count;
    private double _now;
    private long _order;

    public HostSchedule(UpstreamHost[] hosts)
    {
        _heap = new Entry[hosts.Length];
        foreach (var host in hosts) Push(host, 1.0 / host.Weight);
    }

    /// <param name="leastRequest">Divide a host's weight by its active requests + 1 to the power of <paramref name="bias"/>.</param>
    /// <param name="bias">active_request_bias.</param>
    public UpstreamHost Pick(bool leastRequest, double bias)
    {
        var top = _heap[0];
        _now = top.Deadline;
        _count--;
        _heap[0] = _heap[_count];
        SiftDown();
        double weight = top.Host.Weight;
        if (leastRequest) weight /= bias == 1.0 ? top.Host.ActiveRequests + 1 : Math.Pow(top.Host.ActiveRequests + 1, bias);
        Push(top.Host, 1.0 / weight);
        return top.Host;
    }

    private void Push(UpstreamHost host, double wait)
    {
        var at = _count++;
        var entry = new Entry(_now + wait, _order++, host);
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (!entry.IsBefore(_heap[parent])) break;
            _heap[at] = _heap[parent];
            at = parent;
        }
        _heap[at] = entry;
    }

    private void SiftDown()
    {
        if (_count == 0) return;
        var entry = _heap[0];
        var at = 0;
        while (true)
        {
            var child = (2 * at) + 1;
            if (child >= _count) break;
            if (child + 1 < _count && _heap[child + 1].IsBefore(_heap[child])) child++;
            if (!_heap[child].IsBefore(entry)) break;
            _heap[at] = _heap[child];
            at = child;
        }
        _heap[at] = entry;
    }

    private readonly record struct Entry(double Deadline, long Order, UpstreamHost Host)
    {
        public bool IsBefore(in Entry other) => Deadline < other.Deadline || (Deadline == other.Deadline && Order < other.Order);
    }
}
