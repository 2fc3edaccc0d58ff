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

    /// <summary>The bucket of a value: the first whose bound is not below it.</summary>
    public static int Bucket(double value)
    {
        for (var i = 0; i < BoundTable.Length; i++)
        {
            if (value <= BoundTable[i]) return i;
        }
        return BoundTable.Length;
    }
}
