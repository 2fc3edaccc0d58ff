using System.Globalization;
using System.Text;
using Fairlead.Config.Analysis;
using Fairlead.Config.Kinds;

namespace Fairlead.Config.Tests.Analysis;

/// <summary>Work is counted in bytes that one analysis allocates on its thread: unlike time, the same on every machine.</summary>
public sealed class AnalyzerGrowthTests
{
    private static AnalysisInput Mesh(int resources)
    {
        var objects = new List<KubeObject>();
        for (var i = 0; objects.Count < resources; i++)
        {
            var id = i.ToString(CultureInfo.InvariantCulture);
            objects.Add(Json($$$$"""{"apiVersion":"networking.istio.io/v1","kind":"ServiceEntry","metadata":{"name":"se{{{{id}}}}","namespace":"ns{{{{i % 50}}}}"},"spec":{"hosts":["h{{{{id}}}}.example.com"],"ports":[{"number":80,"name":"http","protocol":"HTTP"}],"resolution":"DNS"}}"""));
            objects.Add(Json($$$$"""{"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"vs{{{{id}}}}","namespace":"ns{{{{i % 50}}}}"},"spec":{"hosts":["h{{{{id}}}}.example.com"],"http":[{"timeout":"3s","route":[{"destination":{"host":"h{{{{id}}}}.example.com"}} ]}]}}"""));
            objects.Add(Json($$$$"""{"apiVersion":"networking.istio.io/v1","kind":"DestinationRule","metadata":{"name":"dr{{{{id}}}}","namespace":"ns{{{{i % 50}}}}"},"spec":{"host":"h{{{{id}}}}.example.com","trafficPolicy":{"connectionPool":{"tcp":{"maxConnections":10} } } } }"""));
            objects.Add(Json($$$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"svc{{{{id}}}}","namespace":"ns{{{{i % 50}}}}"},"spec":{"selector":{"app":"a{{{{id}}}}"},"ports":[{"name":"http","port":80}]}}"""));
        }
        return new AnalysisInput(objects);
    }

    private static KubeObject Json(string json) => KubeObject.Parse(Encoding.UTF8.GetBytes(json));

    private static double Allocated(int resources)
    {
        var input = Mesh(resources);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Analyzer.Analyze(input).ShouldBeEmpty();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [Fact]
    public void Work_grows_with_the_number_of_resources_not_with_its_square()
    {
        _ = Allocated(100);

        var slope = Math.Log(Allocated(10_000) / Allocated(1_000)) / Math.Log(10);

        slope.ShouldBeLessThanOrEqualTo(1.15);
    }
}
