using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Logging;

namespace Fairlead.Proxy.Routing;

/// <summary>Headers to remove, then headers to add, in order. Immutable.</summary>
internal sealed class HeaderMutations
{
    /// <summary>Bytes of one formatted value: as much as the request head may have in all.</summary>
    private const int MaxValueBytes = 60 * 1024;

    private const int StackValueBytes = 512;

    public static readonly HeaderMutations None = new() { Remove = [], Add = [] };

    /// <summary>Lower-case names.</summary>
    public required IReadOnlyList<byte[]> Remove { get; init; }

    public required IReadOnlyList<Addition> Add { get; init; }

    public bool IsEmpty => Remove.Count == 0 && Add.Count == 0;

    /// <summary>Removals happen before additions, as in Envoy's HeaderParser.</summary>
    public void Apply(HeaderBlock headers, StreamInfo info)
    {
        // By index: enumerating an interface would allocate per request.
        for (var i = 0; i < Remove.Count; i++) headers.Remove(Remove[i]);
        for (var i = 0; i < Add.Count; i++) Add[i].Apply(headers, info);
    }

    public sealed class Addition
    {
        /// <summary>Lower case.</summary>
        public required byte[] Name { get; init; }

        /// <summary>The value when it has no operators.</summary>
        public byte[]? Literal { get; init; }

        /// <summary>Else the formatter of the value.</summary>
        public LogFormat? Format { get; init; }

        public required HeaderAppendMode Mode { get; init; }

        public bool KeepEmptyValue { get; init; }

        public void Apply(HeaderBlock headers, StreamInfo info)
        {
            if (Literal is not null)
            {
                Apply(headers, Literal.AsSpan());
                return;
            }
            Span<byte> value = stackalloc byte[StackValueBytes];
            if (Format!.TryFormat(info, value, out var written))
            {
                Apply(headers, value[..written]);
                return;
            }
            var rented = System.Buffers.ArrayPool<byte>.Shared.Rent(MaxValueBytes);
            if (Format.TryFormat(info, rented, out written)) Apply(headers, rented.AsSpan(0, written));
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        }

        private void Apply(HeaderBlock headers, ReadOnlySpan<byte> value)
        {
            if (value.IsEmpty && !KeepEmptyValue) return;
            switch (Mode)
            {
                case HeaderAppendMode.AppendIfExistsOrAdd:
                    if (Name[0] == (byte)':') headers.Set(Name, value);
                    else headers.Add(Name, value);
                    break;
                case HeaderAppendMode.AddIfAbsent:
                    if (!headers.Contains(Name)) headers.Set(Name, value);
                    break;
                case HeaderAppendMode.OverwriteIfExistsOrAdd:
                    headers.Set(Name, value);
                    break;
                default:
                    if (headers.Contains(Name)) headers.Set(Name, value);
                    break;
            }
        }
    }
}
