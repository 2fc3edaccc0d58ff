using Fairlead.Config.Kinds;
using Microsoft.Data.Sqlite;

namespace Fairlead.ApiServer.Store;

/// <summary>
/// The database: one row per object and the global revision, write-ahead log, <c>synchronous=FULL</c>: when
/// <see cref="Commit"/> returns, the log is on the disk. Used by one thread at a time.
/// </summary>
internal sealed class SqliteLog : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteCommand upsert;
    private readonly SqliteCommand remove;
    private readonly SqliteCommand stamp;

    private SqliteLog(SqliteConnection connection)
    {
        this.connection = connection;
        upsert = Prepare(
            "INSERT INTO objects(grp, kind, ns, name, revision, body) VALUES ($grp, $kind, $ns, $name, $revision, $body) "
            + "ON CONFLICT(grp, kind, ns, name) DO UPDATE SET revision = excluded.revision, body = excluded.body",
            "$grp", "$kind", "$ns", "$name", "$revision", "$body");
        remove = Prepare("DELETE FROM objects WHERE grp = $grp AND kind = $kind AND ns = $ns AND name = $name", "$grp", "$kind", "$ns", "$name");
        stamp = Prepare("INSERT INTO meta(key, value) VALUES ('revision', $value) ON CONFLICT(key) DO UPDATE SET value = excluded.value", "$value");
    }

    public static SqliteLog Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        foreach (var text in (string[])
            [
                // Before anything that writes the first page, which fixes it.
                "PRAGMA auto_vacuum = INCREMENTAL",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                "CREATE TABLE IF NOT EXISTS objects(grp TEXT NOT NULL, kind TEXT NOT NULL, ns TEXT NOT NULL, name TEXT NOT NULL, "
                    + "revision INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (grp, kind, ns, name)) WITHOUT ROWID",
                "CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
            ])
        {
            using var command = connection.CreateCommand();
            command.CommandText = text;
            command.ExecuteNonQuery();
        }
        Compact(connection);
        return new SqliteLog(connection);
    }

    /// <summary>Gives the pages of removed objects back to the disk. Done at start, when nobody waits for a write.</summary>
    private static void Compact(SqliteConnection connection)
    {
        const long incremental = 2;
        using var mode = connection.CreateCommand();
        mode.CommandText = "PRAGMA auto_vacuum";
        using var compact = connection.CreateCommand();
        // A database from before the mode was set takes it on by one whole vacuum.
        compact.CommandText = mode.ExecuteScalar() is incremental ? "PRAGMA incremental_vacuum" : "PRAGMA auto_vacuum = INCREMENTAL; VACUUM";
        compact.ExecuteNonQuery();
    }

    /// <summary>Every stored object of a kind that is served and the revision of the last commit; and how many objects of other kinds there are.</summary>
    public (StoreState State, IReadOnlyDictionary<string, int> Unserved) Load()
    {
        var unserved = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var kinds = KindTable.All.ToDictionary(kind => (kind.Group, kind.Kind));
        var changes = new List<KeyValuePair<ResourceKey, StoredObject?>>();
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "SELECT grp, kind, ns, name, revision, body FROM objects";
            using var rows = command.ExecuteReader();
            while (rows.Read())
            {
                if (!kinds.TryGetValue((rows.GetString(0), rows.GetString(1)), out var kind))
                {
                    var name = $"{rows.GetString(1)}.{rows.GetString(0)}".TrimEnd('.');
                    unserved[name] = unserved.GetValueOrDefault(name) + 1;
                    continue;
                }
                var key = new ResourceKey(kind, rows.GetString(2), rows.GetString(3));
                changes.Add(new(key, StoredObject.Load(key, rows.GetInt64(4), rows.GetFieldValue<byte[]>(5))));
            }
        }
        using var revision = connection.CreateCommand();
        revision.CommandText = "SELECT value FROM meta WHERE key = 'revision'";
        return (StoreState.Empty.With(revision.ExecuteScalar() is long value ? value : 0, changes), unserved);
    }

    /// <summary>Writes the batch in one transaction; returns once it is durable.</summary>
    public void Commit(long revision, IReadOnlyCollection<KeyValuePair<ResourceKey, StoredObject?>> changes)
    {
        using var transaction = connection.BeginTransaction();
        foreach (var (key, stored) in changes)
        {
            var command = stored is null ? remove : upsert;
            command.Transaction = transaction;
            command.Parameters["$grp"].Value = key.Kind.Group;
            command.Parameters["$kind"].Value = key.Kind.Kind;
            command.Parameters["$ns"].Value = key.Namespace;
            command.Parameters["$name"].Value = key.Name;
            if (stored is not null)
            {
                command.Parameters["$revision"].Value = stored.Revision;
                command.Parameters["$body"].Value = stored.Body;
            }
            command.ExecuteNonQuery();
        }
        stamp.Transaction = transaction;
        stamp.Parameters["$value"].Value = revision;
        stamp.ExecuteNonQuery();
        transaction.Commit();
    }

    public void Dispose()
    {
        upsert.Dispose();
        remove.Dispose();
        stamp.Dispose();
        connection.Dispose();
    }

    private SqliteCommand Prepare(string text, params string[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter, DBNull.Value);
        return command;
    }
}
