using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fairlead.Xds.Tests.Genuine;

/// <summary>What Envoy's own definitions say of one message, and our samples after a round trip through them.</summary>
internal sealed record GenuineMessage(
    string Type, bool Missing, Dictionary<string, GenuineField> Fields, Dictionary<string, Dictionary<string, int>> Enums, List<string> Samples);

/// <param name="Number">The field number.</param>
/// <param name="Type">A scalar's name, or the full name of a message or enum.</param>
/// <param name="Repeated">A list.</param>
/// <param name="Map">A map; the type is its value's.</param>
/// <param name="Oneof">The oneof that the field is in, or empty.</param>
internal sealed record GenuineField(int Number, string Type, bool Repeated, bool Map, string Oneof);

/// <summary>Asks the npm package @grpc/grpc-js-xds, which carries the genuine definitions; tests/npm holds it.</summary>
internal static class GenuineSchema
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    public static async Task<IReadOnlyList<GenuineMessage>> AskAsync(IReadOnlyList<(MessageDescriptor Type, IReadOnlyList<IMessage> Samples)> messages)
    {
        var folder = Folder();
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            throw new DirectoryNotFoundException("tests/npm has no node_modules: run ./fairlead test, or npm ci in tests/npm");
        }
        var start = new ProcessStartInfo("node", [Path.Combine(folder, "genuine-xds.mjs")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        var error = node.StandardError.ReadToEndAsync();
        var output = node.StandardOutput.ReadToEndAsync();
        foreach (var (type, samples) in messages)
        {
            var request = new { type = type.FullName, file = type.File.Name, samples = samples.Select(s => Convert.ToBase64String(s.ToByteArray())) };
            await node.StandardInput.WriteLineAsync(JsonSerializer.Serialize(request, Json));
        }
        node.StandardInput.Close();
        var lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await node.WaitForExitAsync();
        node.ExitCode.ShouldBe(0, await error);
        return [.. lines.Select(line => JsonSerializer.Deserialize<GenuineMessage>(line, Json)!)];
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Fairlead.slnx")))
        {
            folder = folder.Parent;
        }
        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException($"no Fairlead.slnx above {AppContext.BaseDirectory}"), "tests", "npm");
    }
}
