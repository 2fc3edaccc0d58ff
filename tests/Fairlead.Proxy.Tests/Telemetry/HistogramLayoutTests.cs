using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Tests.Telemetry;

public sealed class HistogramLayoutTests
{
    [Fact]
    public void A_number_is_in_the_first_bucket_whose_bound_is_not_below_it()
    {
        long[] values = [long.MinValue, -1, 0, 1, long.MaxValue, .. HistogramLayout.Bounds.ToArray().SelectMany(bound => (long[])[(long)bound - 1, (long)bound, (long)bound + 1])];
        foreach (var value in values)
        {
            var expected = HistogramLayout.Bounds.ToArray().TakeWhile(bound => bound < value).Count();

            HistogramLayout.Bucket(value).ShouldBe(expected, $"{value}");
        }
    }
}
