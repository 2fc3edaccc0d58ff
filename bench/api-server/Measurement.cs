using System.Net;
using System.Text;

namespace Fairlead.ApiServer.Scale;

/// <summary>One run: fill, restart, read, watch.</summary>
internal sealed class Measurement(string executable, string state, TimeProvider time)
{
    private const int Objects = 10_000;
    private const int Writers = 8;
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    private static readonly byte[] Mark = "\"sent\":\""u8.ToArray();

    public async Task RunAsync(TextWriter output)
    {
        await output.WriteLineAsync($"| figure | value | bar |\n|---|---|---|\n| sync of 4 KiB in the state directory, median | {SyncMicroseconds():F0} µs | |");
        using (var first = await Server.StartAsync(executable, state))
        {
            var took = await FillAsync(first);
            await output.WriteLineAsync($"| durable creates from {Writers} clients | {Objects / took.TotalSeconds:F0} a second | 1000 |");
        }
        var began = time.GetTimestamp();
        using var server = await Server.StartAsync(executable, state);
        using var client = server.Client(HttpVersion.Version11, 4);
        (await client.GetAsync("/readyz")).EnsureSuccessStatusCode();
        await output.WriteLineAsync($"| ready with {Objects} objects stored | {time.GetElapsedTime(began).TotalMilliseconds:F0} ms | 1000 |");
        await output.WriteLineAsync($"| list of {Objects}, median of 5 | {await ListAsync(client):F0} ms | 300 |");
        await output.WriteLineAsync($"| GET at 100 a second, p99 of 1000 | {await GetAsync(client):F2} ms | 2 |");
        foreach (var (watchers, rate) in ((int, int)[])[(1000, 300), (100, 1000)])
        {
            var (p99, events, most) = await WatchAsync(server, watchers, rate);
            await output.WriteLineAsync($"| {watchers} watchers × {rate} events/s, p99 of {events} deliveries | {p99:F0} ms | 1000 |");
            await output.WriteLineAsync($"| resident meanwhile | {most:F0} MB | 300 |");
        }
    }

    private static StringContent Body(int i, string extra = "") =>
        new($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m{{i}}"},"data":{"value":"{{i}}"{{extra}}} }""", Encoding.UTF8, "application/json");

    private double SyncMicroseconds()
    {
        using var file = new FileStream(Path.Combine(state, "sync"), FileMode.Create);
        var took = new List<double>();
        for (var i = 0; i < 100; i++)
        {
            file.Write(new byte[4096]);
            var began = time.GetTimestamp();
            file.Flush(flushToDisk: true);
            took.Add(time.GetElapsedTime(began).TotalMicroseconds);
        }
        return At(took, 0.5);
    }

    private async Task<TimeSpan> FillAsync(Server server)
    {
        var next = 0;
        var began = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            using var client = server.Client(HttpVersion.Version11, 1);
            while (Interlocked.Increment(ref next) is var i && i <= Objects)
            {
                using var body = Body(i);
                (await client.PostAsync(Maps, body)).EnsureSuccessStatusCode();
            }
        }));
        return time.GetElapsedTime(began);
    }

    private async Task<double> ListAsync(HttpClient client)
    {
        var took = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            var began = time.GetTimestamp();
            var bytes = await client.GetByteArrayAsync(Maps);
            took.Add(time.GetElapsedTime(began).TotalMilliseconds);
            if (bytes.Length < Objects * 100)
                throw new InvalidOperationException($"the list has only {bytes.Length} bytes");
        }
        return At(took, 0.5);
    }

    private async Task<double> GetAsync(HttpClient client)
    {
        var took = new List<double>();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10), time);
        // Both ends compile what they use in their first seconds; measured is what comes after three of them at the same pace.
        for (var i = 1; i <= 1000; i++)
            (await client.GetAsync($"{Maps}/m{i}")).EnsureSuccessStatusCode();
        for (var i = 1; i <= 300; i++)
        {
            await pace.WaitForNextTickAsync();
            (await client.GetAsync($"{Maps}/m{i}")).EnsureSuccessStatusCode();
        }
        for (var i = 1; i <= 1000; i++)
        {
            await pace.WaitForNextTickAsync();
            var began = time.GetTimestamp();
            (await client.GetAsync($"{Maps}/m{i}")).EnsureSuccessStatusCode();
            took.Add(time.GetElapsedTime(began).TotalMilliseconds);
        }
        return At(took, 0.99);
    }

    private async Task<(double P99, int Events, double MostMegabytes)> WatchAsync(Server server, int watchers, int rate)
    {
        const int seconds = 5;
        using var client = server.Client(HttpVersion.Version20, watchers);
        using var stop = new CancellationTokenSource();
        var latencies = new List<double>[watchers];
        var ready = new CountdownEvent(watchers);
        var version = await VersionAsync(client);
        var reading = Enumerable.Range(0, watchers).Select(i => Task.Run(() => FollowAsync(client, version, latencies[i] = [], ready, stop.Token))).ToArray();
        ready.Wait();
        var most = 0.0;
        using var writer = server.Client(HttpVersion.Version11, 32);
        var writes = new List<Task>();
        var began = time.GetTimestamp();
        for (var i = 0; i < rate * seconds; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / rate) - time.GetElapsedTime(began);
            if (due > TimeSpan.FromMilliseconds(1))
                await Task.Delay(due, time);
            writes.Add(ChangeAsync(writer, (i % Objects) + 1));
            if (i % rate == 0)
                most = Math.Max(most, server.ResidentMegabytes);
        }
        await Task.WhenAll(writes);
        var end = time.GetTimestamp();
        while (latencies.Sum(list => list.Count) < watchers * rate * seconds && time.GetElapsedTime(end) < TimeSpan.FromSeconds(20))
            await Task.Delay(TimeSpan.FromMilliseconds(50), time);
        most = Math.Max(most, server.ResidentMegabytes);
        await stop.CancelAsync();
        await Task.WhenAll(reading);
        var all = latencies.SelectMany(list => list).ToList();
        if (all.Count != watchers * rate * seconds)
            throw new InvalidOperationException($"{all.Count} of {watchers * rate * seconds} deliveries came");
        return (At(all, 0.99), all.Count, most);
    }

    private static async Task<string> VersionAsync(HttpClient client)
    {
        using var list = System.Text.Json.JsonDocument.Parse(await client.GetStringAsync($"{Maps}?limit=1"));
        return list.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
    }

    private async Task ChangeAsync(HttpClient client, int i)
    {
        using var body = Body(i, $",\"sent\":\"{time.GetTimestamp()}\"");
        (await client.PutAsync($"{Maps}/m{i}", body)).EnsureSuccessStatusCode();
    }

    private async Task FollowAsync(HttpClient client, string version, List<double> latencies, CountdownEvent ready, CancellationToken stop)
    {
        using var response = await client.GetAsync($"{Maps}?watch=true&resourceVersion={version}", HttpCompletionOption.ResponseHeadersRead, stop);
        response.EnsureSuccessStatusCode();
        using var stream = await response.Content.ReadAsStreamAsync(stop);
        ready.Signal();
        var buffer = new byte[64 * 1024];
        var held = 0;
        try
        {
            while (await stream.ReadAsync(buffer.AsMemory(held), stop) is > 0 and var count)
            {
                held += count;
                var now = time.GetTimestamp();
                var start = 0;
                while (buffer.AsSpan(start, held - start).IndexOf((byte)'\n') is >= 0 and var length)
                {
                    Note(buffer.AsSpan(start, length), now, latencies);
                    start += length + 1;
                }
                buffer.AsSpan(start, held - start).CopyTo(buffer);
                held -= start;
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private void Note(ReadOnlySpan<byte> line, long now, List<double> latencies)
    {
        var at = line.IndexOf(Mark);
        if (at < 0)
            return;
        var digits = line[(at + Mark.Length)..];
        if (System.Buffers.Text.Utf8Parser.TryParse(digits, out long sent, out _))
            latencies.Add((now - sent) * 1000.0 / time.TimestampFrequency);
    }

    private static double At(List<double> values, double share)
    {
        values.Sort();
        return values[Math.Min(values.Count - 1, (int)(share * values.Count))];
    }
}
