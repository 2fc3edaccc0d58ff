using System.Net;
using System.Text.Json.Nodes;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Network;

/// <summary>Pod addresses of the node's block, by pod uid; kept in a file, so that a restart hands out none twice.</summary>
internal sealed class AddressPool
{
    /// <summary>The block is a /16: its first 256 addresses are the node's own, its last is the broadcast address.</summary>
    private const int First = 256;

    private const int Last = 65534;

    private readonly string path;
    private readonly byte[] block;
    private readonly SortedDictionary<string, int> taken = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private int next = First;

    public AddressPool(string path, IPAddress block)
    {
        this.path = path;
        this.block = block.GetAddressBytes();
        if (JsonFile.Read(path) is not { } saved)
            return;
        foreach (var (uid, value) in saved["taken"] as JsonObject ?? [])
            taken[uid] = value!.GetValue<int>();
        next = saved["next"]?.GetValue<int>() ?? First;
    }

    /// <summary>The pod's address, the same one whenever it asks.</summary>
    public IPAddress Take(string uid)
    {
        lock (gate)
        {
            if (taken.TryGetValue(uid, out var held))
                return Address(held);
            var used = taken.Values.ToHashSet();
            // Addresses go round, so that a dead pod's is not reused at once.
            for (var tried = First; tried <= Last; tried++)
            {
                var candidate = next;
                next = next == Last ? First : next + 1;
                if ((candidate & 0xff) is 0 or 255 || used.Contains(candidate))
                    continue;
                taken[uid] = candidate;
                Save();
                return Address(candidate);
            }
            throw new InvalidOperationException($"all {Last - First} pod addresses are taken; delete pods");
        }
    }

    public void Release(string uid)
    {
        lock (gate)
        {
            if (taken.Remove(uid))
                Save();
        }
    }

    private IPAddress Address(int offset) => new([block[0], block[1], (byte)(offset >> 8), (byte)offset]);

    private void Save() => JsonFile.Write(path, new JsonObject
    {
        ["next"] = next,
        ["taken"] = new JsonObject(taken.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
    });
}
