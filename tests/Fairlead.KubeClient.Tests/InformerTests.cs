using Fairlead.Config.Kinds;

namespace Fairlead.KubeClient.Tests;

public sealed class InformerTests
{
    /// <summary>A change that does not come within this time never comes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task What_exists_comes_first_then_synced_then_what_happens()
    {
        await using var server = await StandInServer.StartAsync();
        for (var index = 0; index < 7; index++)
            server.Put("default", $"c{index}", "1");
        await using var follower = Follower.Start(server);

        var changes = await follower.TakeUntilAsync(change => change.Type == ChangeType.Synced);
        changes.Count.ShouldBe(8);
        changes.Take(7).ShouldAllBe(change => change.Type == ChangeType.Added);
        changes[0].Object!.Kind.ShouldBe("ConfigMap", "items of a list carry no kind of their own");
        server.Requests.Count(request => request.Contains("continue=", StringComparison.Ordinal)).ShouldBe(2, "7 objects in pages of 3");

        server.Put("default", "c3", "2");
        server.Remove("default", "c4");
        (await follower.NextAsync()).ShouldSatisfyAllConditions(change => change.Type.ShouldBe(ChangeType.Modified), change => change.Object!.Name.ShouldBe("c3"));
        (await follower.NextAsync()).ShouldSatisfyAllConditions(change => change.Type.ShouldBe(ChangeType.Deleted), change => change.Object!.Name.ShouldBe("c4"));
    }

    [Fact]
    public async Task A_cut_watch_continues_without_missing_or_repeating()
    {
        await using var server = await StandInServer.StartAsync();
        server.Put("default", "a", "1");
        await using var follower = Follower.Start(server);
        await follower.TakeUntilAsync(change => change.Type == ChangeType.Synced);

        server.Put("default", "b", "1");
        (await follower.NextAsync()).Object!.Name.ShouldBe("b");
        server.CutWatches();
        server.Put("default", "c", "1");
        server.CutWatches();
        server.Put("default", "d", "1");

        (await follower.NextAsync()).Object!.Name.ShouldBe("c");
        (await follower.NextAsync()).Object!.Name.ShouldBe("d");
        server.Requests.Count(request => !request.Contains("watch=true", StringComparison.Ordinal)).ShouldBe(1, "a cut watch needs no new list");
    }

    [Fact]
    public async Task After_410_only_the_differences_are_delivered()
    {
        await using var server = await StandInServer.StartAsync();
        server.Put("default", "same", "1");
        server.Put("default", "changed", "1");
        server.Put("default", "gone", "1");
        server.Put("default", "reborn", "1", uid: "first");
        await using var follower = Follower.Start(server);
        await follower.TakeUntilAsync(change => change.Type == ChangeType.Synced);

        // While nobody watches.
        server.Refusals.Enqueue(500);
        server.CutWatches();
        server.Put("default", "changed", "2");
        server.Remove("default", "gone");
        server.Put("default", "reborn", "1", uid: "second");
        server.Put("default", "new", "1");
        server.Forget();

        var changes = await follower.TakeUntilAsync(change => change.Type == ChangeType.Deleted && change.Object!.Name == "gone");
        changes.Select(change => $"{change.Type} {change.Object!.Name}").Order().ShouldBe(
            ["Added new", "Added reborn", "Deleted gone", "Deleted reborn", "Modified changed"]);
    }

    [Fact]
    public async Task A_bookmark_moves_the_position_so_that_410_is_avoided()
    {
        await using var server = await StandInServer.StartAsync();
        server.Put("default", "a", "1");
        await using var follower = Follower.Start(server);
        await follower.TakeUntilAsync(change => change.Type == ChangeType.Synced);
        // Another object's revisions move the server on; only the bookmark tells us.
        server.Put("default", "b", "1");
        await follower.NextAsync();
        server.Remove("default", "b");
        await follower.NextAsync();
        server.Bookmark();
        server.Put("default", "c", "1");
        await follower.NextAsync();
        server.CutWatches();
        server.Put("default", "d", "1");

        (await follower.NextAsync()).Object!.Name.ShouldBe("d");
        server.Requests.Last().ShouldContain("allowWatchBookmarks=true");
    }

    [Fact]
    public async Task Any_sequence_of_faults_ends_with_what_the_server_holds()
    {
        var random = new Random(20261122);
        for (var round = 0; round < 8; round++)
        {
            await using var server = await StandInServer.StartAsync();
            await using var follower = Follower.Start(server);
            var held = new Dictionary<string, string>();
            for (var step = 0; step < 60; step++)
            {
                var name = $"n{random.Next(8)}";
                switch (random.Next(10))
                {
                    case < 5: server.Put("default", name, random.Next(1000).ToString()); break;
                    case < 7: server.Remove("default", name); break;
                    case 7: server.CutWatches(); break;
                    case 8: server.Forget(); break;
                    default:
                        // Two in a row at the most: the back-off doubles.
                        if (server.Refusals.Count < 2)
                            server.Refusals.Enqueue(503);
                        server.CutWatches();
                        break;
                }
            }
            server.Put("default", "last", "1");

            // A list delivers what is gone after what is there: the last name alone does not mark the end.
            while (!held.OrderBy(entry => entry.Key).SequenceEqual(server.Content().OrderBy(entry => entry.Key)))
                Apply(held, await follower.NextAsync());
            held.ShouldContainKey("last", $"round {round}");
        }
    }

    private static void Apply(Dictionary<string, string> held, ResourceChange change)
    {
        if (change.Object is not { } target)
            return;
        if (change.Type == ChangeType.Deleted)
            held.Remove(target.Name).ShouldBeTrue($"{target.Name} was deleted twice or never delivered");
        else
            held[target.Name] = target.Root["data"]!["value"]!.GetValue<string>();
        if (change.Type == ChangeType.Added)
            held.ContainsKey(target.Name).ShouldBeTrue();
    }

    private sealed class Follower : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly KubeConnection connection;
        private readonly IAsyncEnumerator<ResourceChange> changes;

        private Follower(StandInServer server)
        {
            connection = new KubeConnection(new KubeConfig { Server = server.Url }, TimeProvider.System);
            changes = new Informer(connection, [WatchedKind.Everywhere(KindTable.ConfigMap)], TimeProvider.System, new Random(1), _ => { }).ChangesAsync(stop.Token).GetAsyncEnumerator();
        }

        public static Follower Start(StandInServer server) => new(server);

        public async Task<ResourceChange> NextAsync()
        {
            (await changes.MoveNextAsync().AsTask().WaitAsync(Patience)).ShouldBeTrue();
            return changes.Current;
        }

        public async Task<List<ResourceChange>> TakeUntilAsync(Func<ResourceChange, bool> last)
        {
            var taken = new List<ResourceChange>();
            while (taken.Count == 0 || !last(taken[^1]))
                taken.Add(await NextAsync());
            return taken;
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await changes.DisposeAsync();
            connection.Dispose();
            stop.Dispose();
        }
    }
}
