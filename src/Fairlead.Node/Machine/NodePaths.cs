using System.Security.Cryptography;
using System.Text;

namespace Fairlead.Node.Machine;

/// <summary>Where the node keeps what it makes; everything lies below the state directory.</summary>
public sealed record NodePaths(string State)
{
    public string Images => Path.Combine(State, "images");
    public string Node => Path.Combine(State, "node");
    public string Pods => Path.Combine(Node, "pods");
    public string Addresses => Path.Combine(Node, "addresses.json");
    public string Settings => Path.Combine(Node, "settings.json");
    public string World => Path.Combine(Node, "world");

    /// <summary>Logs of containers, in the layout of a kubelet: <c>NAMESPACE_NAME_UID/CONTAINER/ATTEMPT.log</c>.</summary>
    public string PodLogs => Path.Combine(State, "logs", "pods");

    public string PartLogs => Path.Combine(State, "logs", "parts");
    public string RuntimeRoot => Path.Combine(Node, "runc");
    public string Exits => Path.Combine(Node, "exits");
    public string Sockets => Path.Combine(Node, "s");
    public string ServingCertificate => Path.Combine(State, "pki", "node.crt");
    public string ServingKey => Path.Combine(State, "pki", "node.key");
    public string ClusterAuthority => Path.Combine(State, "pki", "ca.crt");

    /// <summary>The cgroup, below the root of each hierarchy, that holds every pod's. It carries the first eight digits of the state directory's SHA-256, since all meshes of a machine share the hierarchies.</summary>
    public string Cgroup => "fairlead-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(State)))[..8];

    public string Pod(string uid) => Path.Combine(Pods, uid);

    /// <summary>Makes the folders that every part of the node expects; the state directory is for root alone.</summary>
    public void Create()
    {
        Directory.CreateDirectory(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var folder in new[] { Images, Node, Pods, PodLogs, PartLogs, RuntimeRoot, Exits, Sockets })
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
