using System.Buffers;
using System.Buffers.Text;
using Fairlead.Proxy.Http1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Telemetry;

/// <summary>
/// The workloads that one worker has heard of: by the header that a peer sends (base64 of a Struct) and by an endpoint's metadata. Known ones
/// cost one look-up and no allocation. What is sent is the peers' choice, so there are limits: so many spellings (Istio's own limit, 500), at which
/// all are forgotten and read anew, and so many workloads, beyond which a new one stays unknown.
/// </summary>
internal sealed class PeerTable
{
    public const int Capacity = 500;

    public const int MaxWorkloads = 5000;

    private const int MaxHeaderBytes = 16 * 1024; // some labels; more is not looked at

    private readonly Dictionary<byte[], PeerWorkload?> _byHeader;
    private readonly Dictionary<byte[], PeerWorkload?>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly Dictionary<string, PeerWorkload?> _byMetadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PeerWorkload> _workloads = new(StringComparer.Ordinal); // never forgotten: metrics are kept by their ids
    private string? _lastMetadata;
    private PeerWorkload? _last;

    /// <param name="bytes">Compares headers; must have an alternate for spans.</param>
    public PeerTable(IEqualityComparer<byte[]> bytes)
    {
        _byHeader = new Dictionary<byte[], PeerWorkload?>(bytes);
        _lookup = _byHeader.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>Reads x-envoy-peer-metadata out of a message. Null = it has none, or none that can be read.</summary>
    public PeerWorkload? Read(HeaderBlock headers)
    {
        if (!headers.TryGet("x-envoy-peer-metadata"u8, out var value) || value.Length is 0 or > MaxHeaderBytes) return null;
        if (_lookup.TryGetValue(value, out var known)) return known;
        if (_byHeader.Count >= Capacity) _byHeader.Clear();
        return _byHeader[value.ToArray()] = Decode(value);
    }

    /// <param name="metadata">istio.workload of an endpoint: workload;namespace;canonical-name;canonical-revision;cluster.</param>
    public PeerWorkload? OfMetadata(string metadata)
    {
        // Requests of one endpoint come in a row.
        if (ReferenceEquals(metadata, _lastMetadata)) return _last;
        if (!_byMetadata.TryGetValue(metadata, out var known))
        {
            if (_byMetadata.Count >= Capacity) _byMetadata.Clear();
            var parts = metadata.Split(';');
            known = Workload(Part(0), Part(1), Part(2), Part(3), Part(4), string.Empty, string.Empty);
            _byMetadata.Add(metadata, known);

            string Part(int index) => index < parts.Length ? parts[index] : string.Empty;
        }
        (_lastMetadata, _last) = (metadata, known);
        return known;
    }

    private PeerWorkload? Decode(ReadOnlySpan<byte> base64)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (Base64.DecodeFromUtf8(base64, bytes, out _, out var length) != OperationStatus.Done) return null;
        Struct node;
        try
        {
            node = Struct.Parser.ParseFrom(bytes, 0, length);
        }
        catch (InvalidProtocolBufferException)
        {
            return null; // a peer that says nothing readable is as one that says nothing
        }
        var labels = node.Fields.GetValueOrDefault("LABELS")?.StructValue;
        return Workload(
            Text(node, "WORKLOAD_NAME"), Text(node, "NAMESPACE"), Text(labels, "service.istio.io/canonical-name"),
            Text(labels, "service.istio.io/canonical-revision"), Text(node, "CLUSTER_ID"), Text(labels, "app"), Text(labels, "version"));
    }

    private PeerWorkload? Workload(string name, string @namespace, string canonicalService, string canonicalRevision, string cluster, string app, string version)
    {
        var text = string.Join('\0', name, @namespace, canonicalService, canonicalRevision, cluster, app, version);
        if (_workloads.TryGetValue(text, out var known)) return known;
        if (_workloads.Count >= MaxWorkloads) return null;
        return _workloads[text] = new PeerWorkload(_workloads.Count + 1, name, @namespace, canonicalService, canonicalRevision, cluster, app, version);
    }

    private static string Text(Struct? value, string key) => value?.Fields.GetValueOrDefault(key)?.StringValue ?? string.Empty;
}
