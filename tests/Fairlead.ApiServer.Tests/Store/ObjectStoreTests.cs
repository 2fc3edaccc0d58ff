using System.Text.Json.Nodes;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Watch;
using Fairlead.Config.Kinds;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.ApiServer.Tests.Store;

public sealed class ObjectStoreTests : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("fairlead-store-").FullName;
    private ObjectStore store = null!;

    private string Database => Path.Combine(directory, "store.db");

    public Task InitializeAsync()
    {
        store = ObjectStore.Open(Database, NullLogger.Instance);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await store.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_create_that_finds_the_name_taken_changes_nothing()
    {
        (await CreateAsync("a", "1")).Outcome.ShouldBe(WriteOutcome.Done);
        (await CreateAsync("a", "2")).Outcome.ShouldBe(WriteOutcome.Exists);
        store.State.Find(Key("a"))!.Read().Root["data"]!["value"]!.GetValue<string>().ShouldBe("1");
    }

    [Fact]
    public async Task A_write_at_an_old_revision_is_stale()
    {
        var first = (await CreateAsync("a", "1")).Object!;
        (await WriteAsync("a", "2", first.Revision)).Outcome.ShouldBe(WriteOutcome.Done);
        (await WriteAsync("a", "3", first.Revision)).Outcome.ShouldBe(WriteOutcome.Stale);
        store.State.Find(Key("a"))!.Read().Root["data"]!["value"]!.GetValue<string>().ShouldBe("2");
    }

    [Fact]
    public async Task Concurrent_writes_each_get_a_revision_of_their_own()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => CreateAsync("n" + i, "x")));
        results.Select(result => result.Object!.Revision).Distinct().Count().ShouldBe(200);
        store.State.Revision.ShouldBe(200);
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_reopening_and_the_revision_goes_on()
    {
        await CreateAsync("a", "1");
        var removed = await store.CommitAsync(new Write(Key("a"), store.State.Find(Key("a"))!.Revision, null), CancellationToken.None);
        await CreateAsync("b", "2");
        await store.DisposeAsync();
        store = ObjectStore.Open(Database, NullLogger.Instance);
        store.State.Find(Key("a")).ShouldBeNull();
        store.State.Find(Key("b"))!.Labels["app"].ShouldBe("test");
        store.State.Revision.ShouldBe(3);
        removed.Object!.Revision.ShouldBe(2);
    }

    [Fact]
    public async Task A_watcher_sees_changes_from_its_revision_on_and_no_others()
    {
        await CreateAsync("a", "1");
        using var watcher = store.Changes.Subscribe(KindTable.ConfigMap, 1)!;
        await CreateAsync("b", "2");
        await store.CommitAsync(new Write(Key("a"), 1, null), CancellationToken.None);
        (await watcher.Reader.ReadAsync()).Type.ShouldBe(ChangeType.Added);
        var gone = await watcher.Reader.ReadAsync();
        gone.Type.ShouldBe(ChangeType.Deleted);
        gone.Object.Key.Name.ShouldBe("a");
        watcher.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_watch_from_before_the_window_is_refused()
    {
        await CreateAsync("a", "1");
        await store.DisposeAsync();
        store = ObjectStore.Open(Database, NullLogger.Instance);
        store.Changes.Subscribe(KindTable.ConfigMap, 0).ShouldBeNull();
        using var current = store.Changes.Subscribe(KindTable.ConfigMap, 1);
        current.ShouldNotBeNull();
    }

    private static ResourceKey Key(string name) => new(KindTable.ConfigMap, "default", name);

    private Task<WriteResult> CreateAsync(string name, string value) => WriteAsync(name, value, 0);

    private Task<WriteResult> WriteAsync(string name, string value, long expected) =>
        store.CommitAsync(new Write(Key(name), expected, new KubeObject(new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["labels"] = new JsonObject { ["app"] = "test" } },
            ["data"] = new JsonObject { ["value"] = value },
        })), CancellationToken.None);
}
