using System.Text.Json.Nodes;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Images;

/// <summary>An image on this machine: a root file system and the defaults of its containers (OCI image configuration).</summary>
internal sealed record Image(ImageReference Name, string Folder)
{
    public string RootFileSystem => Path.Combine(Folder, "rootfs");

    public string ConfigurationFile => Path.Combine(Folder, "image.json");

    private JsonObject Configuration => JsonFile.Read(ConfigurationFile) ?? [];

    public IReadOnlyList<string> Entrypoint => Configuration.Texts("entrypoint");
    public IReadOnlyList<string> Command => Configuration.Texts("command");
    public IReadOnlyList<string> Environment => Configuration.Texts("environment");
    public string WorkingDirectory => Configuration.Text("workingDirectory") is { Length: > 0 } folder ? folder : "/";
    public string User => Configuration.Text("user");
    public string Source => Configuration.Text("source");

    public static JsonObject Describe(
        IEnumerable<string> entrypoint, IEnumerable<string> command, IEnumerable<string> environment, string workingDirectory = "/", string user = "", string source = "") => new()
        {
            ["entrypoint"] = JsonTree.Array(entrypoint),
            ["command"] = JsonTree.Array(command),
            ["environment"] = JsonTree.Array(environment),
            ["workingDirectory"] = workingDirectory,
            ["user"] = user,
            ["source"] = source,
        };
}
