using System.Collections.Concurrent;
using Fairlead.Node.Pods;

namespace Fairlead.Node.Endpoint;

/// <summary>The pods of this machine, as the endpoint finds them.</summary>
internal sealed class PodDirectory
{
    private readonly ConcurrentDictionary<string, PodWorker> workers = new(StringComparer.Ordinal);

    public IEnumerable<PodWorker> All => workers.Values;

    public PodWorker? Find(string uid) => workers.GetValueOrDefault(uid);

    public PodWorker? Find(string ns, string name) => workers.Values.FirstOrDefault(worker => worker.Pod.Namespace == ns && worker.Pod.Name == name);

    public bool Add(PodWorker worker) => workers.TryAdd(worker.Uid, worker);

    public void Remove(string uid) => workers.TryRemove(uid, out _);
}
