using System.Globalization;
using System.Text;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Admin;

/// <summary>Envoy's one-line form of a histogram: quantiles interpolated within their bucket, since start.</summary>
internal static class HistogramText
{
    private static readonly double[] Quantiles = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1];

    public static string Summarize(StatRegistry registry, StatGroup group, int offset)
    {
        var counts = new long[HistogramLayout.SumOffset];
        for (var i = 0; i < counts.Length; i++) counts[i] = registry.Read(group, offset + i);
        var total = counts.Sum();
        if (total == 0) return "No recorded values";
        var text = new StringBuilder();
        foreach (var quantile in Quantiles)
        {
            if (text.Length > 0) text.Append(' ');
            var value = Value(counts, total, quantile).ToString("0.####", CultureInfo.InvariantCulture);
            text.Append('P').Append((quantile * 100).ToString("0.#", CultureInfo.InvariantCulture)).Append("(nan,").Append(value).Append(')');
        }
        return text.ToString();
    }

    private static double Value(long[] counts, long total, double quantile)
    {
        var rank = quantile * total;
        var below = 0L;
        var low = 0.0;
        for (var i = 0; i < counts.Length; i++)
        {
            var high = i < HistogramLayout.Bounds.Length ? HistogramLayout.Bounds[i] : low;
            if (counts[i] > 0 && below + counts[i] >= rank) return low + ((high - low) * Math.Max(0, rank - below) / counts[i]);
            below += counts[i];
            low = high;
        }
        return low;
    }
}
