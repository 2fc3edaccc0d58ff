namespace Fairlead.Proxy.Telemetry;

/// <summary>
/// The flags of one stream in the order they were set (Envoy's vector since about 1.30), each at most once.
/// Eight places: a stream that sets more keeps the first eight, which no combination of Envoy's reaches.
/// </summary>
internal struct ResponseFlags
{
    private const int Capacity = 8;

    private ulong _packed; // first flag in the lowest byte

    public readonly bool IsEmpty => _packed == 0;

    public readonly int Count => (64 - System.Numerics.BitOperations.LeadingZeroCount(_packed) + 7) / 8;

    public readonly ResponseFlag this[int index] => (ResponseFlag)(byte)(_packed >> (8 * index));

    public void Set(ResponseFlag flag)
    {
        if (Has(flag) || Count == Capacity) return;
        _packed |= (ulong)flag << (8 * Count);
    }

    public readonly bool Has(ResponseFlag flag)
    {
        for (var rest = _packed; rest != 0; rest >>= 8)
        {
            if ((ResponseFlag)(byte)rest == flag) return true;
        }
        return false;
    }

    public void Clear() => _packed = 0;
}
