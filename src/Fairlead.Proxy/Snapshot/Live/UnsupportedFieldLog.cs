using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Xds.Json;

namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>Remembers which fields were received and have no effect: each is told once and stays visible on the admin port.</summary>
internal sealed class UnsupportedFieldLog(Action<string> tell)
{
    /// <summary>Names kept: more than all declared fields of one resource kind.</summary>
    public const int MaxFields = 1000;

    private readonly SortedDictionary<string, string> _fields = new(StringComparer.Ordinal);

    /// <summary>"message.field" to the first resource that had it.</summary>
    public IReadOnlyDictionary<string, string> Fields => _fields;

    public void Inspect(string resource, string typeUrl, ReadOnlySpan<byte> bytes) =>
        FieldSupport.Inspect(Xds.Names.TypeUrl.MessageName(typeUrl), bytes, field =>
        {
            if (IsNew(field, resource)) tell($"{field} {FieldSupport.Consequence(field)} (first seen in {Xds.Names.TypeUrl.ShortName(typeUrl)} '{resource}')");
        });

    /// <summary>A field of a document that no message declares.</summary>
    public void Unknown(string source, JsonFinding finding)
    {
        if (finding.UnknownField is { } field && IsNew(field, source)) tell($"{source}: {finding}");
    }

    /// <summary>A key of a static runtime layer.</summary>
    public void UnknownKey(string source, string key)
    {
        if (IsNew("layered_runtime: " + key, source)) tell($"the runtime key '{key}' has no effect on this proxy (in {source})");
    }

    private bool IsNew(string field, string resource) => _fields.Count < MaxFields && _fields.TryAdd(field, resource);
}
