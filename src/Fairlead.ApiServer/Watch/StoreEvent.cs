using System.Buffers;
using System.Collections.Concurrent;
using Fairlead.ApiServer.Store;

namespace Fairlead.ApiServer.Watch;

public enum ChangeType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One committed change. Its line for the wire is made once per form (version, Table …) and shared by every watcher.</summary>
public sealed class StoreEvent(ChangeType type, StoredObject current, StoredObject? previous)
{
    private readonly ConcurrentDictionary<(ChangeType Type, string Form), byte[]> lines = new();

    public ChangeType Type { get; } = type;

    /// <summary>The object after the change; of a removal, as it last was, at the removal's revision.</summary>
    public StoredObject Object { get; } = current;

    public StoredObject? Previous { get; } = previous;
    public long Revision => Object.Revision;

    /// <summary>The line in a form, made by the first watcher that asks.</summary>
    public byte[] Line(ChangeType shown, string form, Func<ChangeType, StoredObject, byte[]> make)
    {
        if (lines.TryGetValue((shown, form), out var line))
            return line;
        // A removal that a selector makes of a change shows the object that the watcher last saw, at the new revision.
        return lines.GetOrAdd((shown, form), make(shown, Object));
    }

    /// <summary><c>{"type":"ADDED","object":…}</c> and a line feed.</summary>
    public static byte[] JsonLine(ChangeType type, StoredObject stored, string version)
    {
        var buffer = new ArrayBufferWriter<byte>(stored.Body.Length + 64);
        buffer.Write(type switch
        {
            ChangeType.Added => "{\"type\":\"ADDED\",\"object\":"u8,
            ChangeType.Modified => "{\"type\":\"MODIFIED\",\"object\":"u8,
            _ => "{\"type\":\"DELETED\",\"object\":"u8,
        });
        stored.WriteTo(buffer, version);
        buffer.Write("}\n"u8);
        return buffer.WrittenSpan.ToArray();
    }
}
