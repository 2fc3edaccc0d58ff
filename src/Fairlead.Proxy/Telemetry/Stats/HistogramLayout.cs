using System.Numerics;

namespace Fairlead.Proxy.Telemetry.Stats;

/// <summary>
/// A histogram in a shard: one slot per bucket (not cumulative), one for values above the last bound, one for the sum.
/// The bounds are Envoy's defaults, which fit milliseconds and bytes alike.
/// </summary>
internal static class HistogramLayout
{
    private static readonly double[] BoundTable =
        [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000];

    public static ReadOnlySpan<double> Bounds => BoundTable;

    public static int SumOffset => BoundTable.Length + 1;

    public static int Slots => BoundTable.Length + 2;

    /// <summary>Where to begin to look for a whole number of so many bits.</summary>
    private static readonly byte[] FirstOfBits = BuildFirstOfBits();

    /// <summary>The bucket of a whole number: the first whose bound is not below it.</summary>
    public static int Bucket(long value)
    {
        var bounds = BoundTable;
        if (value <= 0) return 0;
        for (var i = (int)FirstOfBits[64 - BitOperations.LeadingZeroCount((ulong)value)]; i < bounds.Length; i++)
        {
            if (value <= bounds[i]) return i;
        }
        return bounds.Length;
    }

    private static byte[] BuildFirstOfBits()
    {
        // Loops, since this runs at the start, where each generic method that LINQ needs would be compiled first.
        var first = new byte[65];
        var bucket = 0;
        for (var bits = 1; bits < first.Length; bits++)
        {
            while (bucket < BoundTable.Length && BoundTable[bucket] < Math.ScaleB(1, bits - 1)) bucket++;
            first[bits] = (byte)bucket;
        }
        return first;
    }
}
