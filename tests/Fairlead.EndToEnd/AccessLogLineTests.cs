using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>The form that the walkthrough's checks demand is the one that Istio's sidecar writes.</summary>
public sealed class AccessLogLineTests
{
    private const string Passthrough =
        """[2024-06-26T03:30:14.684Z] "GET / HTTP/1.1" 200 - via_upstream - "-" 0 2381 12 12 "-" "curl/8.8.0" "599df0d8-0c22-9daa-820e-b4b03dd12daf" "www.baidu.com" "183.2.172.185:80" PassthroughCluster 10.244.96.245:47908 183.2.172.185:80 10.244.96.245:47906 - allow_any""";

    private const string TimedOut =
        """[2024-06-26T05:38:33.776Z] "GET /delay/5 HTTP/1.1" 504 UT response_timeout - "-" 0 24 3001 - "-" "curl/8.8.0" "6b6e7a5e-707b-9cb0-806b-5bca6edaa077" "httpbin.org" "44.195.190.188:80" outbound|80||httpbin.org 10.244.96.245:45852 44.206.219.79:80 10.244.96.245:60788 - -""";

    [Fact]
    public void A_line_of_istio_is_read_field_by_field()
    {
        var line = AccessLogLine.TryParse(TimedOut).ShouldNotBeNull();
        line["status"].ShouldBe("504");
        line["flags"].ShouldBe("UT");
        line["details"].ShouldBe("response_timeout");
        line["sent"].ShouldBe("24");
        line["duration"].ShouldBe("3001");
        line["service"].ShouldBe("-");
        line["upstream"].ShouldBe("44.195.190.188:80");
        line["destination"].ShouldBe("44.206.219.79:80");
        line["cluster"].ShouldBe("outbound|80||httpbin.org");
        line["route"].ShouldBe("-");
    }

    [Theory]
    [InlineData("\"GET / HTTP/1.1\"", "GET / HTTP/1.1")]
    [InlineData(".684Z", "Z")]
    [InlineData(" 12 12 ", " 12 ")]
    [InlineData(" - allow_any", " allow_any")]
    [InlineData("\"183.2.172.185:80\"", "183.2.172.185:80")]
    public void A_line_of_another_form_is_not_taken_for_one(string part, string instead)
    {
        AccessLogLine.TryParse(Passthrough).ShouldNotBeNull();
        AccessLogLine.TryParse(Passthrough.Replace(part, instead, StringComparison.Ordinal)).ShouldBeNull();
    }
}
