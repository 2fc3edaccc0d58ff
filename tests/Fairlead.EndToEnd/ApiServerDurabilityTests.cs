using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;

namespace Fairlead.EndToEnd;

/// <summary>What the API server acknowledged is on the disk: through kill -9 at any moment of a load of writes, and by the order of its system calls.</summary>
public sealed partial class ApiServerDurabilityTests : IDisposable
{
    private const int Writers = 8;

    private readonly string _state = Directory.CreateTempSubdirectory("fairlead-durable-").FullName;

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public Task Killed_ten_times_it_loses_nothing_and_invents_nothing() => KillAsync(10);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Killed_two_hundred_times_it_loses_nothing_and_invents_nothing() => KillAsync(200);

    [Fact]
    public async Task Each_answer_to_a_write_comes_after_a_sync()
    {
        var trace = Path.Combine(_state, "trace");
        await using var server = await RunningApiServer.StartAsync(_state, "strace", "-f", "-qq", "-e", "trace=fsync,fdatasync,sendto,sendmsg,recvfrom,recvmsg", "-o", trace);
        using var client = server.Client();
        (await client.GetAsync("/api/v1/namespaces/default/configmaps")).EnsureSuccessStatusCode();
        var before = (await File.ReadAllLinesAsync(trace)).Length;
        const int writes = 5;
        for (var i = 0; i < writes; i++)
        {
            using var body = new StringContent($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m{{i}}"} }""", Encoding.UTF8, "application/json");
            (await client.PostAsync("/api/v1/namespaces/default/configmaps", body)).EnsureSuccessStatusCode();
        }
        // The last answer is here before its line is: strace writes it when the call has returned.
        var answers = 0;
        for (var reading = 0; answers < writes && reading < 100; reading++)
        {
            if (reading > 0) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            answers = AnswersAfterSync((await File.ReadAllLinesAsync(trace)).Skip(before));
        }
        answers.ShouldBeGreaterThanOrEqualTo(writes);
    }

    private static int AnswersAfterSync(IEnumerable<string> lines)
    {
        var (answers, synced) = (0, false);
        foreach (var line in lines)
        {
            if (Received().IsMatch(line))
            {
                synced = false;
            }
            else if (Synced().IsMatch(line))
            {
                synced = true;
            }
            else if (Sent().IsMatch(line))
            {
                synced.ShouldBeTrue($"an answer left before the disk had it: {line}");
                answers++;
            }
        }
        return answers;
    }

    private async Task KillAsync(int times)
    {
        var random = new Random(7);
        var known = new Dictionary<string, Fate>();
        for (var round = 0; round < times; round++)
        {
            await using var server = await RunningApiServer.StartAsync(_state);
            using (var connection = server.Connect())
            {
                await CheckAsync(connection, known, round);
                using var stop = new CancellationTokenSource();
                var writers = Enumerable.Range(0, Writers).Select(writer => WriteAsync(connection, $"r{round}-w{writer}", new Random((round * Writers) + writer), known, stop.Token)).ToArray();
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 400)), TimeProvider.System);
                await server.KillAsync();
                await stop.CancelAsync();
                await Task.WhenAll(writers);
            }
        }
        await using var last = await RunningApiServer.StartAsync(_state);
        using var check = last.Connect();
        await CheckAsync(check, known, times);
        known.Count.ShouldBeGreaterThan(times * Writers);
    }

    /// <summary>Creates, changes and deletes until the server is gone; notes what was asked for before, and what was acknowledged after.</summary>
    private static async Task WriteAsync(KubeConnection connection, string prefix, Random random, Dictionary<string, Fate> known, CancellationToken stop)
    {
        try
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var name = $"{prefix}-{i}";
                var fate = new Fate { Asked = "1" };
                lock (known) known.Add(name, fate);
                await connection.CreateAsync(KindTable.ConfigMap, Map(name, "1"), CancellationToken.None);
                fate.Acknowledged = "1";
                if (random.Next(3) == 0)
                    continue;
                fate.Asked = random.Next(2) == 0 ? "2" : null;
                if (fate.Asked is null) await connection.DeleteAsync(KindTable.ConfigMap, "default", name, cancel: CancellationToken.None);
                else await connection.PatchAsync(KindTable.ConfigMap, "default", name, PatchType.Merge, new JsonObject { ["data"] = new JsonObject { ["value"] = "2" } }, cancel: CancellationToken.None);
                fate.Acknowledged = fate.Asked;
            }
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException or OperationCanceledException)
        {
            // The kill; the write under way may or may not have happened.
            return;
        }
    }

    private static async Task CheckAsync(KubeConnection connection, Dictionary<string, Fate> known, int round)
    {
        var list = await connection.ListAsync(KindTable.ConfigMap, new ListScope { Namespace = "default" });
        var found = list.Items.Where(item => item.Name.StartsWith('r')).ToDictionary(item => item.Name, item => item.Root["data"]!["value"]!.GetValue<string>());
        found.Keys.Except(known.Keys).ShouldBeEmpty($"after kill {round} there is what nobody asked for");
        foreach (var (name, fate) in known)
        {
            var value = found.GetValueOrDefault(name);
            (value == fate.Acknowledged || value == fate.Asked).ShouldBeTrue($"after kill {round}, {name} is {value ?? "gone"}; acknowledged: {fate.Acknowledged ?? "gone"}, asked for: {fate.Asked ?? "gone"}");
            // What it is now, it stays.
            fate.Acknowledged = fate.Asked = value;
        }
        long.Parse(list.ResourceVersion, CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(list.Items.Max(item => long.Parse(item.ResourceVersion, CultureInfo.InvariantCulture)));
    }

    private static KubeObject Map(string name, string value) => new(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["data"] = new JsonObject { ["value"] = value },
    });

    [GeneratedRegex(@"recv(from|msg)(\(| resumed).* = [1-9]\d*$")]
    private static partial Regex Received();

    [GeneratedRegex(@"(fsync|fdatasync)(\(| resumed).* = 0$")]
    private static partial Regex Synced();

    [GeneratedRegex(@"send(to|msg)\(.*( = [1-9]\d*$|unfinished)")]
    private static partial Regex Sent();

    /// <summary>Values of one object: null where it is not there.</summary>
    private sealed class Fate
    {
        public string? Acknowledged { get; set; }

        public string? Asked { get; set; }
    }
}
