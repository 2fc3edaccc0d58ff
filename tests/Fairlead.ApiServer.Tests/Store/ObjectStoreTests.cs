using System.Text.Json.Nodes;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Watch;
using Fairlead.Config.Kinds;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
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

    [Fact]
    public async Task A_watcher_never_sees_what_its_revision_already_holds()
    {
        // As a reader between the moment when the state is visible and the one when its changes are published.
        using var watcher = store.Changes.Subscribe(KindTable.ConfigMap, 2)!;
        await CreateAsync("a", "1");
        await CreateAsync("b", "2");
        await CreateAsync("c", "3");
        (await watcher.Reader.ReadAsync()).Object.Key.Name.ShouldBe("c");
        watcher.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_watcher_that_falls_behind_is_cut_and_keeps_nothing()
    {
        var cuts = 0;
        using var watcher = store.Changes.Subscribe(KindTable.ConfigMap, 0)!;
        watcher.OnCut = () => cuts++;
        for (var i = 0; i <= Watcher.QueueLimit; i += 64)
            await Task.WhenAll(Enumerable.Range(i, 64).Select(n => CreateAsync("n" + n, "x")));
        watcher.WasCut.ShouldBeTrue();
        cuts.ShouldBe(1);
        (await watcher.Reader.WaitToReadAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Removed_objects_give_their_space_back_at_the_next_start()
    {
        var text = new string('x', 100_000);
        for (var i = 0; i < 40; i++)
            await CreateAsync("n" + i, text);
        await ReopenAsync();
        var full = new FileInfo(Database).Length;
        foreach (var stored in store.State.In(KindTable.ConfigMap, "default").ToList())
            await store.CommitAsync(new Write(stored.Key, stored.Revision, null), CancellationToken.None);
        await ReopenAsync();
        await ReopenAsync();
        full.ShouldBeGreaterThan(4_000_000);
        new FileInfo(Database).Length.ShouldBeLessThan(100_000);
    }

    [Fact]
    public async Task Objects_of_a_kind_that_is_not_served_are_kept_and_named()
    {
        await CreateAsync("a", "1");
        await store.DisposeAsync();
        using (var connection = new SqliteConnection($"Data Source={Database};Pooling=false"))
        {
            connection.Open();
            using var rename = connection.CreateCommand();
            rename.CommandText = "UPDATE objects SET grp = 'example.org', kind = 'Gone'";
            rename.ExecuteNonQuery();
        }
        var logger = new WarningLog();
        store = ObjectStore.Open(Database, logger);
        store.State.Find(Key("a")).ShouldBeNull();
        logger.Lines.ShouldHaveSingleItem().ShouldStartWith("1 objects of Gone.example.org are stored");
    }

    private async Task ReopenAsync()
    {
        await store.DisposeAsync();
        store = ObjectStore.Open(Database, NullLogger.Instance);
    }

    private static ResourceKey Key(string name) => new(KindTable.ConfigMap, "default", name);

    private Task<WriteResult> CreateAsync(string name, string value) => WriteAsync(name, value, 0);

    private Task<WriteResult> WriteAsync(string name, string value, long expected) =>
        store.CommitAsync(new Write(Key(name), expected, new KubeObject(new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["labels"] = new JsonObject { ["app"] = "test" } },
            ["data"] = new JsonObject { ["value"] = value },
        })), CancellationToken.None);

    private sealed class WarningLog : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
