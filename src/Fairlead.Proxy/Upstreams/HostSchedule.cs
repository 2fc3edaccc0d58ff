using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Upstreams;

/// <summary>
/// Earliest-deadline-first choice for unequal weights, as Envoy's EDF scheduler: deadline = time of the pick + 1/weight, ties by
/// order of insertion. A binary heap over the endpoints' places; a pick is O(log n) and allocates nothing.
/// </summary>
internal sealed class HostSchedule
{
    private readonly Entry[] _heap;
    private int _count;
    private double _now;
    private long _order;

    private readonly Endpoint[] _endpoints;

    public HostSchedule(Endpoint[] endpoints)
    {
        _endpoints = endpoints;
        _heap = new Entry[endpoints.Length];
        for (var i = 0; i < endpoints.Length; i++) Push(i, 1.0 / endpoints[i].Weight);
    }

    /// <param name="activeRequests">Least request: an endpoint's weight is divided by its host's active requests + 1 to the power of <paramref name="bias"/>. Null = plain weights.</param>
    /// <param name="bias">active_request_bias.</param>
    /// <returns>The endpoint's place.</returns>
    public int Pick(UpstreamHost?[]? activeRequests, double bias)
    {
        var top = _heap[0];
        _now = top.Deadline;
        _count--;
        _heap[0] = _heap[_count];
        SiftDown();
        double weight = _endpoints[top.Place].Weight;
        if (activeRequests is not null)
        {
            var requests = (activeRequests[top.Place]?.ActiveRequests ?? 0) + 1;
            weight /= bias == 1.0 ? requests : Math.Pow(requests, bias);
        }
        Push(top.Place, 1.0 / weight);
        return top.Place;
    }

    private void Push(int place, double wait)
    {
        var at = _count++;
        var entry = new Entry(_now + wait, _order++, place);
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

    private readonly record struct Entry(double Deadline, long Order, int Place)
    {
        public bool IsBefore(in Entry other) => Deadline < other.Deadline || (Deadline == other.Deadline && Order < other.Order);
    }
}
